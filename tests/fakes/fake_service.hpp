// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands for digisignd on the session bus, with one key and one reader, and ends its jobs as a test says.

#pragma once

#include "sdbus/event_loop.hpp"
#include "sdbus/handles.hpp"

#include <functional>
#include <string>
#include <thread>

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

    static constexpr char key_path[] = "/org/digisign/DigiSign1/token/1/key/46";
    static constexpr char job_path[] = "/org/digisign/DigiSign1/job/1/1";
    static constexpr std::uint8_t signature[] = {1, 2, 3};

    explicit FakeService(Sign behaviour);
    ~FakeService();
    FakeService(const FakeService&) = delete;
    FakeService& operator=(const FakeService&) = delete;

    /// On the service's thread; the test waits for it.
    void set_reader_state(const std::string& state);
    void set_waiting_for(const std::string& what);

    const std::string& last_document() const { return last_document_; }

private:
    struct Members;

    void run(const std::function<void()>& work);
    void finish(const char* outcome, const char* error = nullptr);
    void leave();
    void read_document(sd_bus_message* message);

    Sign behaviour_;
    sdbus::EventLoop loop_;
    sdbus::BusPtr bus_;
    std::string reader_state_ = "reading";
    std::string waiting_for_ = "none";
    std::string caller_;
    std::string last_document_;
    std::thread thread_;
};

} // namespace digisign::test
