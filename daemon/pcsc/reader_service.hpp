// SPDX-License-Identifier: LGPL-2.1-or-later
// The core's port to the readers: one monitor, one worker per reader, and the deadlines that neither of them
// can keep.

#pragma once

#include "daemon/core/ports.hpp"
#include "daemon/pcsc/outbox.hpp"
#include "daemon/pcsc/reader_monitor.hpp"
#include "daemon/pcsc/reader_worker.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace digisign::pcsc {

class ReaderService final : public core::ReaderPort, private MonitorEvents, private WorkerEvents {
public:
    struct Settings {
        ReaderWorker::Settings worker;
        std::filesystem::path service_socket;
        ReaderMonitor::Timing monitor{};

        /// How long PcscState::Available waits for the readers that were there at first to be announced.
        std::chrono::milliseconds announce_patience{std::chrono::seconds(3)};
        /// A card that has not been read after this long is shown as busy or mute, until it has.
        std::chrono::milliseconds open_patience{std::chrono::seconds(15)};
        /// How long a request that is with a card may go on after its removal was noticed.
        std::chrono::milliseconds removal_grace{std::chrono::seconds(2)};
        /// How long to wait for the threads at the end.
        std::chrono::milliseconds stop_patience{std::chrono::seconds(2)};
    };

    /// Starts to watch; the first event comes from the loop. `loop` and `events` must outlive the service.
    ReaderService(core::EventLoop& loop, core::ReaderEvents& events, Settings settings);

    /// Ends all threads, or after stop_patience leaves those behind that hang in a reader. No events, no
    /// answers any more.
    ~ReaderService() override;

    core::RequestId sign(core::CardSessionId session, core::SignRequest request,
                         std::chrono::milliseconds timeout, Callback<core::SignResult> answer) override;
    core::RequestId decipher(core::CardSessionId session, core::DecipherRequest request,
                             std::chrono::milliseconds timeout, Callback<core::SecretResult> answer) override;
    core::RequestId derive(core::CardSessionId session, core::DeriveRequest request,
                           std::chrono::milliseconds timeout, Callback<core::SecretResult> answer) override;
    core::RequestId verify(core::CardSessionId session, core::VerifyRequest request,
                           std::chrono::milliseconds timeout, Callback<core::PinResult> answer) override;
    core::RequestId set_pin(core::CardSessionId session, core::SetPinRequest request,
                            std::chrono::milliseconds timeout, Callback<core::PinResult> answer) override;
    core::RequestId log_out(core::CardSessionId session, core::LogOutRequest request,
                            std::chrono::milliseconds timeout, Callback<core::LogOutResult> answer) override;
    core::RequestId read_pin_status(core::CardSessionId session, core::PinStatusRequest request,
                                    std::chrono::milliseconds timeout,
                                    Callback<core::PinStatusResult> answer) override;
    void refresh_pin_statuses(core::CardSessionId session) override;
    void cancel(core::RequestId request) override;
    void retry_access() override;

private:
    struct Reader {
        std::unique_ptr<ReaderWorker> worker;
        bool announced = false;
        core::ReaderState state = core::ReaderState::Empty; ///< as last told, or to be told when announced
        std::string detail;

        std::optional<core::CardSessionId> session; ///< while a card is there
        bool session_announced = false;
        bool ready = false;                     ///< the card has been read
        std::optional<core::TimerId> timer;     ///< open_patience, or the next try after a refusal
        std::optional<core::RequestId> overdue; ///< request that is still running past its deadline
        std::chrono::milliseconds refused_delay{
            0}; ///< before the last try that polkit refused; 0 if it did not
    };
    using Readers = std::map<core::ReaderName, Reader>;

    struct Pending {
        core::CardSessionId session;
        std::optional<core::TimerId> deadline;
        std::function<void(RequestResult)> answer;
        std::function<RequestResult(Error)> failure; ///< an Error in the form of this kind of request
    };

    void announce_available();

    // MonitorEvents
    void on_service_state(core::PcscState state, const std::string& message) override;
    void on_reader_found(const core::ReaderName& reader) override;
    void on_reader_lost(const core::ReaderName& reader) override;
    void on_inserted(const core::ReaderName& reader) override;
    void on_mute(const core::ReaderName& reader) override;
    void on_removed(const core::ReaderName& reader) override;

    // WorkerEvents
    void on_worker_ready(WorkerId worker, core::PinPad pin_pad) override;
    void on_card_opened(WorkerId worker, core::CardSessionId session,
                        const card::CardDescription& description) override;
    void on_pin_statuses_read(WorkerId worker, core::CardSessionId session,
                              const CardSession::PinStatuses& statuses) override;
    void on_card_ready(WorkerId worker, core::CardSessionId session) override;
    void on_card_busy(WorkerId worker, core::CardSessionId session, const std::string& holder) override;
    void on_card_reading(WorkerId worker, core::CardSessionId session) override;
    void on_card_unusable(WorkerId worker, core::CardSessionId session, const Error& why) override;
    void on_login_lost(WorkerId worker, core::CardSessionId session) override;
    void on_request_done(WorkerId worker, core::RequestId request, RequestResult result) override;

    void start_session(Readers::value_type& reader);
    void watch_opening(Readers::value_type& reader);
    void end_session(Readers::value_type& reader);
    void open_again_later(Readers::value_type& reader);
    void set_state(Readers::value_type& reader, core::ReaderState state, const std::string& detail = {});
    void set_timer(Readers::value_type& reader, std::chrono::milliseconds delay,
                   std::function<void(Readers::value_type&)> work);
    void clear_timer(Reader& reader);

    template <class What>
    core::RequestId submit(core::CardSessionId session, What what, std::chrono::milliseconds timeout,
                           Callback<ResultOf<What>> answer);
    void on_deadline(core::RequestId request);
    void finish(core::RequestId request, RequestResult result);
    void fail(core::RequestId request, const Error& error);
    void end_requests_of(core::CardSessionId session, ReaderWorker& worker);
    void retire(std::unique_ptr<ReaderWorker> worker);

    Readers::value_type* find(WorkerId worker);
    Readers::value_type* find(core::CardSessionId session);
    /// Both, if the worker's message is still about the card that is there.
    Readers::value_type* find(WorkerId worker, core::CardSessionId session);

    core::EventLoop& loop_;
    std::optional<core::TimerId> available_timer_; ///< while PcscState::Available is held back
    core::ReaderEvents& events_;
    Settings settings_;
    std::shared_ptr<Outbox> outbox_;
    Readers readers_;
    std::map<core::RequestId, Pending> pending_;
    std::list<DetachableThread> retired_; ///< of readers that are gone
    std::uint64_t last_id_ = 0;           ///< for workers, sessions and requests
    ReaderMonitor monitor_;               ///< last, since it starts at once
};

} // namespace digisign::pcsc
