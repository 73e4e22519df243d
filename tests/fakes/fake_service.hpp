// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands for digisignd on the session bus, with one card, key, PIN and reader, and ends its jobs as a test
// says.

#pragma once

#include "sdbus/event_loop.hpp"
#include "sdbus/handles.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace digisign::test {

class FakeService {
public:
    enum class Sign {
        Answer,             ///< finishes with "done"
        AnswerBeforeReply,  ///< finishes before the caller knows the job's path
        Fail,               ///< PinBlocked
        Refuse,             ///< the call itself fails, MechanismUnsupported
        Cancel,             ///< finishes with "cancelled"
        WaitForCancel,      ///< finishes once Job.Cancel was called
        NeverFinish,        ///< not even after Job.Cancel
        NeverReply,         ///< not even with the job's path
        Vanish,             ///< leaves the bus after the reply
        VanishWithoutReply, ///< leaves the bus
    };

    static constexpr char token_path[] = "/org/digisign/DigiSign1/token/1";
    static constexpr char key_path[] = "/org/digisign/DigiSign1/token/1/key/46";
    static constexpr char pin_path[] = "/org/digisign/DigiSign1/token/1/pin/11";
    static constexpr char job_path[] = "/org/digisign/DigiSign1/job/1/1";
    static constexpr std::uint8_t signature[] = {1, 2, 3};
    static constexpr std::uint64_t login_id = 7; ///< of the only login

    /// How Key.Sign goes; all other jobs are done at once.
    explicit FakeService(Sign behaviour);
    ~FakeService();
    FakeService(const FakeService&) = delete;
    FakeService& operator=(const FakeService&) = delete;

    /// On the service's thread; the test waits for it.
    void set_reader_state(const std::string& state);
    void set_waiting_for(const std::string& what);
    /// Called on the service's thread when the properties of the job are read.
    void set_on_status_read(std::function<void()> on_status_read);

    const std::string& last_document() const { return last_document_; }
    /// Member that was called, and its argument "agent" where it has options: "Change agent-1".
    const std::string& last_call() const { return last_call_; }
    const std::vector<std::string>& last_batch() const { return last_batch_; }

private:
    struct Members;

    void run(const std::function<void()>& work);
    /// Job.Finished; `add_results` appends entries to the dictionary.
    void finish(const char* outcome, const std::function<void(sd_bus_message*)>& add_results = {});
    /// Answers the call, whose options come next, with a job that is done.
    int start_job(sd_bus_message* message, const std::function<void(sd_bus_message*)>& add_results);
    void leave();
    std::string read_option(sd_bus_message* message, std::string_view wanted);

    Sign behaviour_;
    sdbus::EventLoop loop_;
    sdbus::BusPtr bus_;
    std::string reader_state_ = "reading";
    std::string waiting_for_ = "none";
    std::function<void()> on_status_read_;
    std::string caller_;
    std::string last_document_;
    std::string last_call_;
    std::vector<std::string> last_batch_;
    std::thread thread_;
};

} // namespace digisign::test
