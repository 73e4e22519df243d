// SPDX-License-Identifier: LGPL-2.1-or-later
// The client library's agent, asked over a private socket.

#include "client/agent_server.hpp"
#include "tests/fakes/fake_agent_manager.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <variant>
#include <vector>

using namespace digisign;
using namespace digisign::client;
using namespace std::chrono_literals;
using test::FakeAgentManager;
using Answer = FakeAgentManager::Answer;

namespace {

/// Takes down what it is asked; the test answers.
class RecordingPrompter : public Prompter {
public:
    void request_pin(Prompt prompt, PinReply reply) override {
        take("pin", std::move(prompt), std::move(reply));
    }
    void request_new_pin(Prompt prompt, PinReply reply) override {
        take("new-pin", std::move(prompt), std::move(reply));
    }
    void confirm(Question asked, Prompt prompt, ConfirmReply reply) override {
        last_question = asked;
        take("confirm", std::move(prompt), std::move(reply));
    }
    void show_pin_pad(Prompt prompt, PinPadReply reply) override {
        take("pad", std::move(prompt), std::move(reply));
    }
    void cancel(const std::string& id, ErrorCode reason) override {
        log.push_back("cancel " + id + " " + error_dbus_name(reason));
    }
    void release(const std::string& job) override { log.push_back("release " + job); }

    template <class Reply>
    Reply& reply() {
        return std::get<Reply>(reply_);
    }
    void drop_reply() { reply_.emplace<std::monostate>(); }

    std::vector<std::string> log;
    Prompt last_prompt;
    std::optional<Question> last_question;

private:
    template <class Reply>
    void take(const char* what, Prompt asked, Reply reply) {
        log.push_back(what + (" " + asked.id));
        last_prompt = std::move(asked);
        reply_.emplace<Reply>(std::move(reply));
    }

    std::variant<std::monostate, PinReply, ConfirmReply, PinPadReply> reply_;
};

/// An agent that is registered.
struct Agent {
    explicit Agent(AgentServer::Kind kind = AgentServer::Kind::Interactive)
        : connection(loop), server(connection, prompter, kind) {}

    /// Serves until the prompter has been told so many things.
    void serve(std::size_t count) {
        REQUIRE(loop.run_until([&] { return prompter.log.size() >= count; }, Clock::now() + 10s));
    }

    /// Serves until the manager has the answer.
    Answer answer_to(std::future<Answer>& question) {
        const Deadline deadline = Clock::now() + 10s;
        while (question.wait_for(0s) != std::future_status::ready) {
            REQUIRE(Clock::now() < deadline);
            loop.run_until([] { return false; }, Clock::now() + 5ms);
        }
        return question.get();
    }

    FakeAgentManager manager;
    PollLoop loop;
    RecordingPrompter prompter;
    PrivateConnection connection;
    AgentServer server;
};

void must(int result) {
    sdbus::check(result, "the test cannot ask");
}

std::function<void(sd_bus_message*)> question(const char* id) {
    return [id](sd_bus_message* call) {
        must(sd_bus_message_append(call, "sa{sv}", id, 1, "job", "s", "job-1"));
    };
}

std::function<void(sd_bus_message*)> confirmation(const char* id, const char* what) {
    return [id, what](sd_bus_message* call) {
        must(sd_bus_message_append(call, "ssa{sv}", id, what, 1, "job", "s", "job-1"));
    };
}

PinValue pin(std::string_view text) {
    PinValue value;
    for (const char c : text)
        value.push_back(c);
    return value;
}

const std::string cancelled = error_dbus_name(ErrorCode::Cancelled);

} // namespace

TEST_CASE("agent__registers_as_what_it_is") {
    CHECK(Agent(AgentServer::Kind::Interactive).manager.agent_is_interactive());
    const Agent scripted(AgentServer::Kind::Scripted);
    CHECK_FALSE(scripted.manager.agent_is_interactive());
    CHECK(scripted.server.id() == FakeAgentManager::agent_id);
}

TEST_CASE("pin__is_asked_and_answered") {
    Agent agent;
    auto answer = agent.manager.ask("RequestPin", question("1"));
    agent.serve(1);
    CHECK(agent.prompter.log == std::vector<std::string>{"pin 1"});
    agent.prompter.reply<PinReply>().answer(pin("8264"));
    CHECK(agent.answer_to(answer).pin == "8264");
}

TEST_CASE("new_pin__is_another_question") {
    Agent agent;
    auto answer = agent.manager.ask("RequestNewPin", question("1"));
    agent.serve(1);
    CHECK(agent.prompter.log == std::vector<std::string>{"new-pin 1"});
    agent.prompter.reply<PinReply>().answer(pin("159357"));
    CHECK(agent.answer_to(answer).pin == "159357");
}

TEST_CASE("details__are_all_read") {
    Agent agent;
    auto answer = agent.manager.ask("RequestPin", [](sd_bus_message* call) {
        must(sd_bus_message_append(
            call, "sa{sv}", "1", 25, "job", "s", "job-1", "purpose", "s", "unblock-pin", "pin", "s", "PUK",
            "role", "s", "puk", "token", "s", "CARD TEST", "reader", "s", "Reader A", "min-length", "u", 8U,
            "max-length", "u", 12U, "only-digits", "b", 1, "tries-left", "u", 3U, "target", "s", "PIN 1",
            "key", "s", "key 1", "certificate", "s", "HOLDER TEST", "documents", "as", 2, "a.pdf", "b.pdf",
            "signatures", "u", 2U, "problem", "s", "known-wrong", "requester-pid", "u", 42U,
            "requester-executable", "s", "/usr/bin/firefox", "requester-unit", "s", "app-firefox.scope",
            "requester-sandbox", "s", "snap:firefox", "requester-terminal", "s", "pts/3",
            "requester-verified", "b", 1, "requester-claims", "s", "a web page", "of-a-newer-service", "s",
            "ignored", "and-another", "(ss)", "a", "b"));
    });
    agent.serve(1);
    const Prompt& prompt = agent.prompter.last_prompt;
    CHECK(prompt.job == "job-1");
    CHECK(prompt.purpose == "unblock-pin");
    CHECK(prompt.pin == "PUK");
    CHECK(prompt.role == "puk");
    CHECK(prompt.token == "CARD TEST");
    CHECK(prompt.reader == "Reader A");
    CHECK(prompt.min_length == 8);
    CHECK(prompt.max_length == 12);
    CHECK(prompt.only_digits);
    CHECK(prompt.tries_left == 3U);
    CHECK(prompt.target == "PIN 1");
    CHECK(prompt.key == "key 1");
    CHECK(prompt.certificate == "HOLDER TEST");
    CHECK(prompt.documents == std::vector<std::string>{"a.pdf", "b.pdf"});
    CHECK(prompt.signatures == 2);
    CHECK(prompt.problem == Prompt::Problem::KnownWrong);
    CHECK(prompt.requester.pid == 42U);
    CHECK(prompt.requester.executable == "/usr/bin/firefox");
    CHECK(prompt.requester.unit == "app-firefox.scope");
    CHECK(prompt.requester.sandbox == "snap:firefox");
    CHECK(prompt.requester.terminal == "pts/3");
    CHECK(prompt.requester.verified);
    CHECK(prompt.requester.claims == "a web page");
    agent.prompter.drop_reply();
    CHECK(agent.answer_to(answer).error == cancelled);
}

TEST_CASE("every_problem__has_its_name") {
    using Problem = Prompt::Problem;
    for (const auto& [name, problem] :
         {std::pair("incorrect", Problem::Incorrect), std::pair("length", Problem::Length),
          std::pair("characters", Problem::Characters), std::pair("known-wrong", Problem::KnownWrong),
          std::pair("rejected", Problem::Rejected), std::pair("pad-timed-out", Problem::PadTimedOut),
          std::pair("pad-mismatch", Problem::PadMismatch), std::pair("of-a-newer-service", Problem::None)})
        CHECK(make_prompt("1", {{"problem", std::string(name)}}).problem == problem);
    CHECK(make_prompt("1", {}).problem == Problem::None);
}

TEST_CASE("consent__is_given_or_not") {
    for (const auto& [name, asked] :
         {std::pair("last-try", Question::LastTry), std::pair("trivial-pin", Question::TrivialPin),
          std::pair("same-pin", Question::SamePin), std::pair("batch", Question::Batch)}) {
        for (const bool agreed : {true, false}) {
            Agent agent;
            auto answer = agent.manager.ask("Confirm", confirmation("1", name));
            agent.serve(1);
            CHECK(agent.prompter.last_question == asked);
            agent.prompter.reply<ConfirmReply>().answer(agreed);
            CHECK(agent.answer_to(answer).agreed == agreed);
        }
    }
}

TEST_CASE("consent_to_something_unknown__is_not_given") {
    Agent agent;
    auto answer = agent.manager.ask("Confirm", confirmation("1", "of-a-newer-service"));
    const Answer refused = agent.answer_to(answer);
    CHECK(refused.error == error_dbus_name(ErrorCode::NotSupported));
    CHECK_FALSE(refused.agreed);
    CHECK(agent.prompter.log.empty());
}

TEST_CASE("reply_that_is_dropped__declines") {
    Agent agent;
    for (const char* member : {"RequestPin", "RequestNewPin"}) {
        auto answer = agent.manager.ask(member, question("1"));
        agent.serve(agent.prompter.log.size() + 1);
        agent.prompter.drop_reply();
        CHECK(agent.answer_to(answer).error == cancelled);
    }
    auto answer = agent.manager.ask("Confirm", confirmation("1", "batch"));
    agent.serve(3);
    agent.prompter.drop_reply();
    CHECK(agent.answer_to(answer).error == cancelled);
}

TEST_CASE("pin_pad__is_over_without_a_word_or_declined") {
    Agent agent;
    auto answer = agent.manager.ask("ShowPinPad", question("1"));
    agent.serve(1);
    agent.prompter.drop_reply();
    CHECK(agent.answer_to(answer).error.empty());

    answer = agent.manager.ask("ShowPinPad", question("2"));
    agent.serve(2);
    agent.prompter.reply<PinPadReply>().decline(ErrorCode::Cancelled, "no");
    CHECK(agent.answer_to(answer).error == cancelled);
}

TEST_CASE("declined_reason__is_its_error") {
    Agent agent;
    auto answer = agent.manager.ask("RequestPin", question("1"));
    agent.serve(1);
    agent.prompter.reply<PinReply>().decline(ErrorCode::AgentUnavailable, "no terminal");
    CHECK(agent.answer_to(answer).error == error_dbus_name(ErrorCode::AgentUnavailable));
}

TEST_CASE("cancel_and_release__reach_the_prompter") {
    Agent agent;
    auto cancel = agent.manager.ask("Cancel", [](sd_bus_message* call) {
        must(sd_bus_message_append(call, "ss", "1", "org.digisign.DigiSign1.Error.CardRemoved"));
    });
    CHECK(agent.answer_to(cancel).error.empty());
    auto release = agent.manager.ask(
        "Release", [](sd_bus_message* call) { must(sd_bus_message_append(call, "s", "job-1")); });
    CHECK(agent.answer_to(release).error.empty());
    CHECK(agent.prompter.log ==
          std::vector<std::string>{"cancel 1 org.digisign.DigiSign1.Error.CardRemoved", "release job-1"});
}
