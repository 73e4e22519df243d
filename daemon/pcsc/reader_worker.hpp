// SPDX-License-Identifier: LGPL-2.1-or-later
// One thread per reader that does all that may block there: opening cards, signing, asking for PIN states.

#pragma once

#include "daemon/core/ports.hpp"
#include "daemon/pcsc/card_session.hpp"
#include "daemon/pcsc/detachable_thread.hpp"
#include "daemon/pcsc/other_clients.hpp"
#include "daemon/pcsc/outbox.hpp"
#include "daemon/pcsc/progress.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace digisign::pcsc {

/// A reader that comes back under the same name gets a new worker.
enum class WorkerId : std::uint64_t {};

/// What can be asked of a card, see core::ReaderPort. CardSession has a perform() for each of them, whose
/// result is the request's.
using CardRequest =
    std::variant<core::SignRequest, core::DecipherRequest, core::DeriveRequest, core::VerifyRequest,
                 core::SetPinRequest, core::LogOutRequest, core::PinStatusRequest>;
template <class What>
using ResultOf =
    decltype(std::declval<CardSession&>().perform(std::declval<What&>(), std::declval<const Withdrawal&>()));

using RequestResult = std::variant<core::SignResult, core::SecretResult, core::PinResult, core::LogOutResult,
                                   core::PinStatusResult>;

/// Told on the loop thread. on_worker_ready comes first; what concerns a session that has ended meanwhile may
/// still come.
class WorkerEvents {
public:
    virtual ~WorkerEvents() = default;

    virtual void on_worker_ready(WorkerId worker, core::PinPad pin_pad) = 0;
    virtual void on_card_opened(WorkerId worker, core::CardSessionId session,
                                const card::CardDescription& description) = 0;
    virtual void on_pin_statuses_read(WorkerId worker, core::CardSessionId session,
                                      const CardSession::PinStatuses& statuses) = 0;
    /// The card has been read completely.
    virtual void on_card_ready(WorkerId worker, core::CardSessionId session) = 0;
    /// Another program has the card; on_card_reading follows when it lets go.
    virtual void on_card_busy(WorkerId worker, core::CardSessionId session, const std::string& holder) = 0;
    virtual void on_card_reading(WorkerId worker, core::CardSessionId session) = 0;
    /// The card cannot be used, or not any more.
    virtual void on_card_unusable(WorkerId worker, core::CardSessionId session, const Error& why) = 0;
    /// The card has forgotten PINs that were kept verified.
    virtual void on_login_lost(WorkerId worker, core::CardSessionId session) = 0;
    virtual void on_request_done(WorkerId worker, core::RequestId request, RequestResult result) = 0;
};

/// What a worker does, one after the other.
struct OpenCard {
    core::CardSessionId session;
};
struct CloseCard {};
struct ReadPinStatuses {
    core::CardSessionId session;
};
struct Request {
    core::RequestId id;
    core::CardSessionId session;
    CardRequest what;
    std::shared_ptr<Withdrawal> withdrawal = std::make_shared<Withdrawal>();
};
using WorkerJob = std::variant<OpenCard, CloseCard, ReadPinStatuses, Request>;

/// The loop's side of a worker. Starts the thread; see take_thread() for the end.
class ReaderWorker {
public:
    struct Settings {
        CardOpener open_card;
        /// How long the connection to an unused card is kept on which nothing is verified. Meanwhile no other
        /// program can get exclusive access.
        std::chrono::milliseconds linger{std::chrono::seconds(5)};
        /// How long during a login the card is held for the next request, which a program that signs again
        /// and again sends within a millisecond or two. Not while other programs are there to wait for the
        /// card: pcscd looks for them every 100 ms only, and they might never get a turn.
        std::chrono::milliseconds hold{10};
        std::function<bool()> others_present = OtherClients();
        /// A card that cannot be read because another program holds it: how long to wait at first for a sign
        /// that it is free, doubled each time up to `busy_retry_max`.
        std::chrono::milliseconds busy_retry{std::chrono::seconds(1)};
        std::chrono::milliseconds busy_retry_max{std::chrono::minutes(1)};
    };

    /// `events` must exist until `outbox` is closed.
    ReaderWorker(WorkerId id, core::ReaderName reader, std::shared_ptr<Outbox> outbox, WorkerEvents& events,
                 Settings settings);
    ~ReaderWorker();

    ReaderWorker(const ReaderWorker&) = delete;
    ReaderWorker& operator=(const ReaderWorker&) = delete;

    WorkerId id() const { return id_; }

    void submit(WorkerJob job);

    /// Takes back a request that has not started, and with it its PIN. Returns false if it has started.
    bool drop(core::RequestId request);

    /// Nobody waits for the request any more: drops it, or ends it before its next step.
    void withdraw(core::RequestId request);

    /// What the thread is in the middle of.
    Progress::Phase phase() const;

    /// For DetachableThread::join_all(). Nothing may be submitted after that.
    DetachableThread take_thread() && { return std::move(thread_); }

private:
    class Thread;
    struct Shared;

    WorkerId id_;
    std::shared_ptr<Shared> shared_;
    DetachableThread thread_;
};

} // namespace digisign::pcsc
