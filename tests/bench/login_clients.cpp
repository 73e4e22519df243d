// SPDX-License-Identifier: LGPL-2.1-or-later
// Clients that are logged in and sign with the first key of the card that allows it. Prints what each of them
// had to wait for a signature.
//
// login_clients KEY-PATH PIN-PATH PIN CLIENTS SIGNATURES
// Each client has a thread and a connection of its own. All log in; when the last has, all begin to sign. A line
// per client: the median of its signatures and the longest, in microseconds. (The PIN on the command line is
// that of a virtual card.)

#include "client/agent_server.hpp"
#include "client/key.hpp"
#include "client/pin.hpp"

#include <algorithm>
#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace digisign;
using std::chrono::steady_clock;

namespace {

class Typist final : public client::Prompter {
public:
    explicit Typist(std::string pin) : pin_(std::move(pin)) {}

    void request_pin(client::Prompt, client::PinReply reply) override {
        PinValue pin;
        pin.append(as_bytes(pin_));
        reply.answer(pin);
    }
    void request_new_pin(client::Prompt, client::PinReply) override {}
    void confirm(client::Question, client::Prompt, client::ConfirmReply) override {}
    void show_pin_pad(client::Prompt, client::PinPadReply) override {}
    void cancel(const std::string&, ErrorCode) override {}
    void release(const std::string&) override {}

private:
    std::string pin_;
};

struct Job {
    std::string key;
    std::string pin_path;
    std::string pin;
    int clients = 1;
    int signatures = 1;
};

std::vector<long> sign_as_client(const Job& job, std::barrier<>& start) {
    client::PollLoop loop;
    client::SessionConnection session(loop);
    Typist typist(job.pin);
    {
        client::PrivateConnection connection(loop);
        const client::AgentServer agent(connection, typist, client::AgentServer::Kind::Interactive);
        client::RequestOptions options;
        options.agent = agent.id();
        client::log_in(session, job.pin_path, options);
    }
    start.arrive_and_wait();
    std::vector<long> microseconds;
    const SignatureMechanism mechanism{SignatureScheme::Ecdsa, Digest::Sha256};
    for (int i = 0; i < job.signatures; ++i) {
        const auto begin = steady_clock::now();
        (void)client::sign(session, job.key, mechanism, Bytes(32, static_cast<std::uint8_t>(i)), {});
        microseconds.push_back(
            std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin).count());
    }
    return microseconds;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 6)
        return 2;
    const Job job{argv[1], argv[2], argv[3], std::atoi(argv[4]), std::atoi(argv[5])};
    std::barrier start(job.clients);
    std::mutex output;
    std::vector<std::thread> threads;
    for (int i = 0; i < job.clients; ++i)
        threads.emplace_back([&] {
            try {
                std::vector<long> times = sign_as_client(job, start);
                std::ranges::sort(times);
                const std::lock_guard lock(output);
                std::printf("%ld %ld\n", times[times.size() / 2], times.back());
            } catch (const std::exception& error) {
                std::fprintf(stderr, "%s\n", error.what());
                std::_Exit(1);
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    return 0;
}
