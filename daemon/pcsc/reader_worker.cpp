// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/reader_worker.hpp"

#include "common/log.hpp"
#include "daemon/pcsc/card_users.hpp"
#include "daemon/pcsc/pin_pad.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace digisign::pcsc {

using core::CardSessionId;
using core::ReaderName;
using core::RequestId;

namespace {

bool is_service_fault(ErrorCode fault) {
    return fault == ErrorCode::PcscUnavailable || fault == ErrorCode::PcscAccessDenied;
}

} // namespace

struct ReaderWorker::Shared {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::deque<WorkerJob> queue;                    ///< guarded by mutex
    std::optional<RequestId> running;               ///< guarded by mutex
    std::shared_ptr<Withdrawal> running_withdrawal; ///< guarded by mutex
    Progress progress;
};

/// What runs in the thread.
class ReaderWorker::Thread {
public:
    Thread(WorkerId id, ReaderName reader, std::shared_ptr<Outbox> outbox, WorkerEvents& events,
           Settings settings, std::shared_ptr<Shared> shared, StopSignal& stop)
        : id_(id),
          reader_(std::move(reader)),
          outbox_(std::move(outbox)),
          events_(events),
          settings_(std::move(settings)),
          shared_(std::move(shared)),
          stop_(stop) {}

    void run() {
        announce();
        while (std::optional<WorkerJob> job = next_job()) {
            std::visit([this](auto& what) { perform(what); }, *job);
            let_go_of_card();
        }
    }

private:
    void let_go_of_card();
    std::optional<WorkerJob> next_job();
    void announce();

    void perform(OpenCard& job);
    void perform(CloseCard&) { session_.reset(); }
    void perform(ReadPinStatuses& job);
    void perform(Request& request);

    void open(CardSessionId session);
    template <class What>
    ResultOf<What> answer(const Request& request, What& what);
    void tell_login_lost();

    Context& context();
    void lose_service(const Error& error);
    template <class... Parameters, class... Arguments>
    void tell(void (WorkerEvents::*event)(WorkerId, Parameters...), const Arguments&... arguments) {
        outbox_->post(
            [event, id = id_, &events = events_, arguments...] { (events.*event)(id, arguments...); });
    }

    WorkerId id_;
    ReaderName reader_;
    std::shared_ptr<Outbox> outbox_;
    WorkerEvents& events_; ///< touched only by what the outbox runs on the loop
    Settings settings_;
    std::shared_ptr<Shared> shared_;
    StopSignal& stop_;

    std::unique_ptr<Context> context_;
    std::unique_ptr<CardSession> session_; ///< refers to context_, so declared after it
    CardSessionId session_id_{};           ///< of session_
};

/// Ends the transaction of the last request, unless the next one follows at once and may be within it.
void ReaderWorker::Thread::let_go_of_card() {
    if (!session_ || !session_->holds_card())
        return;
    if (!settings_.others_present()) {
        std::unique_lock lock(shared_->mutex);
        if (shared_->changed.wait_for(lock, stop_.token(), settings_.hold,
                                      [this] { return !shared_->queue.empty(); }))
            return;
    }
    session_->let_go();
}

/// Waits for work, and gives the card free when none comes for a while. Empty when the thread is to end.
std::optional<WorkerJob> ReaderWorker::Thread::next_job() {
    std::unique_lock lock(shared_->mutex);
    shared_->running.reset();
    shared_->running_withdrawal.reset();
    const auto has_work = [this] { return !shared_->queue.empty(); };
    if (session_ && session_->is_idle() &&
        !shared_->changed.wait_for(lock, stop_.token(), settings_.linger, has_work) && !stop_.requested()) {
        lock.unlock();
        session_->disconnect();
        lock.lock();
    }
    if (!shared_->changed.wait(lock, stop_.token(), has_work) || stop_.requested())
        return std::nullopt;

    std::optional<WorkerJob> job(std::move(shared_->queue.front()));
    shared_->queue.pop_front();
    if (const auto* request = std::get_if<Request>(&*job)) {
        shared_->running = request->id;
        shared_->running_withdrawal = request->withdrawal;
    }
    return job;
}

Context& ReaderWorker::Thread::context() {
    if (!context_)
        context_ = std::make_unique<Context>(stop_);
    return *context_;
}

/// When pcscd has gone, or has closed the connection because it refused something: a new connection has to be
/// made, and whether it leads to the same card nobody knows.
void ReaderWorker::Thread::lose_service(const Error& error) {
    tell_login_lost();
    if (session_)
        tell(&WorkerEvents::on_card_unusable, session_id_, error);
    session_.reset();
    context_.reset();
}

void ReaderWorker::Thread::announce() {
    core::PinPad pin_pad;
    try {
        pin_pad = find_pin_pad(context(), reader_);
    } catch (const Error& error) { // the first card will show whether pcscd is back
        log::info(reader_.value + ": " + error.what());
        context_.reset();
    }
    tell(&WorkerEvents::on_worker_ready, pin_pad);
}

void ReaderWorker::Thread::perform(OpenCard& job) {
    session_.reset();
    session_id_ = job.session;
    try {
        open(job.session);
    } catch (const Error& error) {
        session_.reset(); // other programs may know what to do with this card
        if (is_service_fault(error.code()))
            context_.reset();
        if (error.code() != ErrorCode::CardRemoved) // the monitor reports that
            tell(&WorkerEvents::on_card_unusable, job.session, error);
    } catch (const std::exception& error) {
        session_.reset();
        log::error(reader_.value + ": " + error.what());
        tell(&WorkerEvents::on_card_unusable, job.session, Error(ErrorCode::Internal, error.what()));
    }
}

void ReaderWorker::Thread::open(CardSessionId session) {
    for (auto retry = settings_.busy_retry;; retry = std::min(retry * 2, settings_.busy_retry_max)) {
        const ReaderStatus status = context().status(reader_);
        if (!status.card_present())
            throw Error(ErrorCode::CardRemoved, "the card was removed");
        session_ = std::make_unique<CardSession>(context(), reader_, status.event_count(), shared_->progress);
        try {
            session_->open(settings_.open_card);
            break;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::CardBusy)
                throw;
        }
        session_.reset();
        tell(&WorkerEvents::on_card_busy, session, describe_card_holder());
        // pcscd tells when the other program lets go, but looks only every 400 ms at how a card is shared: of
        // what begins and ends in between it says nothing (measured with 1.9.9). Therefore not longer than
        // `retry`.
        if (context().wait_for_status(reader_, status, retry))
            tell(&WorkerEvents::on_card_reading, session);
        if (stop_.requested())
            return;
    }
    tell(&WorkerEvents::on_card_opened, session, session_->description());
    tell(&WorkerEvents::on_pin_statuses_read, session, session_->pin_statuses());
    tell(&WorkerEvents::on_card_ready, session);
}

void ReaderWorker::Thread::perform(ReadPinStatuses& job) {
    if (!session_ || session_id_ != job.session)
        return;
    try {
        tell(&WorkerEvents::on_pin_statuses_read, job.session, session_->pin_statuses());
    } catch (const Error& error) {
        log::info(reader_.value + ": cannot read the PINs' states: " + error.what());
        if (is_service_fault(error.code()))
            lose_service(error);
    } catch (const std::exception& error) {
        log::error(reader_.value + ": " + error.what());
    }
    tell_login_lost();
}

void ReaderWorker::Thread::perform(Request& request) {
    // Shared since what is posted can be copied, and a result that is secret cannot.
    const auto result = std::make_shared<RequestResult>(
        std::visit([&](auto& what) { return RequestResult(answer(request, what)); }, request.what));
    const RequestId done = request.id;
    request.what = core::PinStatusRequest{}; // wipes the PIN that a request had which did not get far
    tell_login_lost();
    outbox_->post([id = id_, &events = events_, done, result] {
        events.on_request_done(id, done, std::move(*result));
    });
}

template <class What>
ResultOf<What> ReaderWorker::Thread::answer(const Request& request, What& what) {
    try {
        request.withdrawal->check();
        if (!session_ || session_id_ != request.session)
            throw Error(ErrorCode::CardRemoved, "the card was removed");
        return session_->perform(what, *request.withdrawal);
    } catch (const Error& error) {
        if (is_service_fault(error.code()))
            lose_service(error);
        if (error.code() == ErrorCode::CardBusy)
            return Error(ErrorCode::CardBusy, describe_card_holder());
        return error;
    } catch (const std::exception& error) {
        log::error(reader_.value + ": " + error.what());
        return Error(ErrorCode::Internal, error.what());
    }
}

void ReaderWorker::Thread::tell_login_lost() {
    if (session_ && session_->take_login_lost())
        tell(&WorkerEvents::on_login_lost, session_id_);
}

ReaderWorker::ReaderWorker(WorkerId id, ReaderName reader, std::shared_ptr<Outbox> outbox,
                           WorkerEvents& events, Settings settings)
    : id_(id),
      shared_(std::make_shared<Shared>()),
      thread_("pcsc-reader", [id, reader = std::move(reader), outbox = std::move(outbox), &events,
                              settings = std::move(settings), shared = shared_](StopSignal& stop) {
          Thread(id, reader, outbox, events, settings, shared, stop).run();
      }) {}

ReaderWorker::~ReaderWorker() = default;

void ReaderWorker::submit(WorkerJob job) {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->queue.push_back(std::move(job));
    }
    shared_->changed.notify_one();
}

bool ReaderWorker::drop(RequestId request) {
    const std::lock_guard lock(shared_->mutex);
    return std::erase_if(shared_->queue, [request](const WorkerJob& job) {
               const auto* queued = std::get_if<Request>(&job);
               return queued && queued->id == request;
           }) > 0;
}

void ReaderWorker::withdraw(RequestId request) {
    if (drop(request))
        return;
    const std::lock_guard lock(shared_->mutex);
    if (shared_->running == request)
        shared_->running_withdrawal->withdraw();
}

Progress::Phase ReaderWorker::phase() const {
    return shared_->progress.phase();
}

} // namespace digisign::pcsc
