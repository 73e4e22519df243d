// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/job.hpp"

#include "common/names.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace digisign::client {

namespace {

/// How long a service may take to confirm a cancellation; it answers at once unless it hangs.
constexpr std::chrono::seconds cancel_timeout{2};

constexpr char properties_interface[] = "org.freedesktop.DBus.Properties";

struct Outcome {
    std::string name;
    Dictionary results;
};

/// Collects signals from before the call on, when the path of the job is not known yet.
class JobSignals {
public:
    JobSignals(Connection& session, const char* service, bool with_status) {
        const std::string sender = std::string("type='signal',sender='") + service + "',";
        finished_ = session.subscribe(
            sender + "interface='" + names::job_interface + "',member='Finished'", [this](Message& signal) {
                Outcome outcome{.name = signal.read_string(), .results = signal.read_dictionary()};
                outcomes_.insert_or_assign(signal.path(), std::move(outcome));
            });
        if (with_status)
            changed_ =
                session.subscribe(sender + "interface='" + properties_interface +
                                      "',member='PropertiesChanged',arg0='" + names::job_interface + "'",
                                  [this](Message& signal) { merge(signal); });
        owner_ = session.subscribe(std::string("type='signal',sender='org.freedesktop.DBus',") +
                                       "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" +
                                       service + "'",
                                   [this](Message& signal) {
                                       (void)signal.read_string(); // the name, which the rule selected
                                       lost_owners_.insert(signal.read_string());
                                   });
    }
    JobSignals(const JobSignals&) = delete;
    JobSignals& operator=(const JobSignals&) = delete;

    const Outcome* outcome_of(const std::string& job) const {
        const auto found = outcomes_.find(job);
        return found != outcomes_.end() ? &found->second : nullptr;
    }

    const Dictionary& properties_of(const std::string& job) { return properties_[job]; }

    /// What the job was created with has not been signalled.
    void load_properties(Connection& session, const std::string& owner, const std::string& job) {
        Message request = session.new_call(owner.c_str(), job, properties_interface, "GetAll");
        request.append(names::job_interface);
        try {
            properties_[job] = session.call(request).read_dictionary();
        } catch (const Error&) {
            return; // it has ended already; Finished says how
        }
    }

    bool lost(const std::string& owner) const { return lost_owners_.contains(owner); }

private:
    void merge(Message& signal) {
        (void)signal.read_string(); // the interface, which the rule selected
        for (auto& [name, value] : signal.read_dictionary())
            properties_[signal.path()].insert_or_assign(name, std::move(value));
    }

    std::map<std::string, Outcome> outcomes_;
    std::map<std::string, Dictionary> properties_;
    std::set<std::string> lost_owners_;
    Connection::Subscription finished_;
    Connection::Subscription changed_;
    Connection::Subscription owner_;
};

JobStatus status_from(const Dictionary& properties) {
    JobStatus status;
    status.queued = value_or<std::string>(properties, "State", "") == "queued";
    const std::string waiting_for = value_or<std::string>(properties, "WaitingFor", "");
    if (waiting_for == "pin")
        status.waiting_for = JobWait::Pin;
    else if (waiting_for == "card")
        status.waiting_for = JobWait::Card;
    status.progress = value_or<double>(properties, "Progress", -1);
    return status;
}

Error error_from(const Dictionary& results) {
    const ErrorCode code = error_code_from_dbus(value_or<std::string>(results, "error", ""));
    return {code, value_or<std::string>(results, "message", "the service gives no reason")};
}

} // namespace

Dictionary run_job(Connection& session, JobCall call) {
    JobSignals signals(session, call.service, bool{call.on_status});
    Message reply = session.call(call.request);
    const std::string job = reply.read_path().text;
    const std::string owner = reply.sender();

    if (call.on_status)
        signals.load_properties(session, owner, job);

    bool cancelling = false;
    std::optional<PollLoop::Watch> cancel_watch;
    const auto send_cancel = [&] {
        cancel_watch.reset(); // the descriptor stays readable
        cancelling = true;
        Message request = session.new_call(owner.c_str(), job, names::job_interface, "Cancel");
        (void)::sd_bus_message_set_expect_reply(request.get(), false); // cannot fail for a call not sent yet
        session.send(request);
    };
    if (call.cancel != nullptr)
        cancel_watch.emplace(session.loop(), call.cancel->descriptor(), send_cancel);

    JobStatus shown;
    const auto ended = [&] {
        if (call.on_status)
            if (const JobStatus status = status_from(signals.properties_of(job)); status != shown)
                call.on_status(shown = status);
        return signals.outcome_of(job) != nullptr || signals.lost(owner) || session.closed();
    };
    session.loop().run_until([&] { return ended() || cancelling; });
    if (cancelling && !session.loop().run_until(ended, Clock::now() + cancel_timeout))
        throw Error(ErrorCode::Cancelled, call.description + " was cancelled");

    const Outcome* outcome = signals.outcome_of(job);
    if (outcome == nullptr)
        throw Error(ErrorCode::ServiceUnavailable,
                    std::string("the service ") + call.service + " stopped while " + call.description);
    if (outcome->name == "done")
        return outcome->results;
    if (outcome->name == "cancelled" && !outcome->results.contains("message"))
        throw Error(ErrorCode::Cancelled, call.description + " was cancelled");
    throw error_from(outcome->results);
}

} // namespace digisign::client
