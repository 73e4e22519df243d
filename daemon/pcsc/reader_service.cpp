// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/reader_service.hpp"

#include "common/log.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace digisign::pcsc {

using core::CardSessionId;
using core::PcscState;
using core::ReaderName;
using core::ReaderState;
using core::RequestId;
using std::chrono::milliseconds;

namespace {

Error card_removed() {
    return {ErrorCode::CardRemoved, "the card was removed"};
}

bool is_with_card(Progress::Phase phase) {
    return phase == Progress::Phase::Exchanging || phase == Progress::Phase::Idle;
}

constexpr char waits_for_keys[] = "the reader waits for a PIN to be typed on its keys";

/// A request that has not started in time.
Error not_started(Progress::Phase phase, bool earlier_one_overdue) {
    if (phase == Progress::Phase::WaitingForKeys)
        return {ErrorCode::CardBusy, waits_for_keys};
    return earlier_one_overdue && is_with_card(phase)
               ? Error(ErrorCode::CardMute, "the card does not answer")
               : Error(ErrorCode::CardBusy, "the card was busy with earlier requests all the time");
}

/// A request, or the reading of a card, that has not ended in time.
Error not_ended(Progress::Phase phase) {
    if (phase == Progress::Phase::WaitingForKeys)
        return {ErrorCode::PinPadTimedOut, waits_for_keys};
    return is_with_card(phase) ? Error(ErrorCode::CardMute, "the card did not answer in time")
                               : Error(ErrorCode::CardBusy, "another program used the card all the time");
}

ReaderState state_of(ErrorCode fault) {
    switch (fault) {
    case ErrorCode::CardMute:
        return ReaderState::Mute;
    case ErrorCode::CardBusy:
    case ErrorCode::PinPadTimedOut:
        return ReaderState::Busy;
    case ErrorCode::CardUnrecognized:
        return ReaderState::Unrecognized;
    default: // the sentence that goes with it says more
        return ReaderState::Error;
    }
}

} // namespace

ReaderService::ReaderService(core::EventLoop& loop, core::ReaderEvents& events, Settings settings)
    : loop_(loop),
      events_(events),
      settings_(std::move(settings)),
      outbox_(std::make_shared<Outbox>(loop)),
      monitor_(outbox_, *this, settings_.service_socket, settings_.monitor) {}

ReaderService::~ReaderService() {
    outbox_->close();
    if (available_timer_)
        loop_.cancel_timer(*available_timer_);
    for (auto& [id, pending] : pending_)
        if (pending.deadline)
            loop_.cancel_timer(*pending.deadline);
    std::list<DetachableThread> threads = std::move(retired_);
    for (auto& [name, reader] : readers_) {
        clear_timer(reader);
        threads.push_back(std::move(*reader.worker).take_thread());
    }
    threads.push_back(std::move(monitor_).take_thread());
    if (const std::size_t left = DetachableThread::join_all(std::move(threads), settings_.stop_patience);
        left > 0)
        log::warning("a reader or pcscd does not answer; leaving " + std::to_string(left) +
                     " thread(s) behind");
}

// What the monitor sees.

void ReaderService::on_service_state(PcscState state, const std::string& message) {
    if (available_timer_)
        loop_.cancel_timer(*std::exchange(available_timer_, std::nullopt));
    if (state != PcscState::Available) {
        events_.on_pcsc_state(state, message);
        return;
    }
    available_timer_ = loop_.call_after(settings_.announce_patience, [this] {
        available_timer_.reset();
        events_.on_pcsc_state(PcscState::Available, "");
    });
    announce_available();
}

/// Not before every reader is announced: who sees "available" may take what is listed for all there is.
void ReaderService::announce_available() {
    const bool complete =
        std::ranges::all_of(readers_, [](const auto& reader) { return reader.second.announced; });
    if (!available_timer_ || !complete)
        return;
    loop_.cancel_timer(*std::exchange(available_timer_, std::nullopt));
    events_.on_pcsc_state(PcscState::Available, "");
}

void ReaderService::on_reader_found(const ReaderName& name) {
    WorkerEvents& events = *this; // a private base, which make_unique could not see
    readers_[name].worker =
        std::make_unique<ReaderWorker>(WorkerId{++last_id_}, name, outbox_, events, settings_.worker);
}

void ReaderService::on_reader_lost(const ReaderName& name) {
    const auto found = readers_.find(name);
    end_session(*found);
    clear_timer(found->second);
    auto gone = readers_.extract(found);
    retire(std::move(gone.mapped().worker));
    if (gone.mapped().announced)
        events_.on_reader_removed(name);
    announce_available();
}

/// The worker's thread ends when the reader has returned; nobody waits for it here.
void ReaderService::retire(std::unique_ptr<ReaderWorker> worker) {
    std::erase_if(retired_, [](const DetachableThread& thread) { return thread.has_ended(); });
    retired_.push_back(std::move(*worker).take_thread());
    retired_.back().request_stop();
}

void ReaderService::on_inserted(const ReaderName& name) {
    start_session(*readers_.find(name));
}

void ReaderService::on_mute(const ReaderName& name) {
    set_state(*readers_.find(name), ReaderState::Mute);
}

void ReaderService::on_removed(const ReaderName& name) {
    auto& reader = *readers_.find(name);
    end_session(reader);
    clear_timer(reader.second);
    reader.second.refused_delay = milliseconds::zero();
    set_state(reader, ReaderState::Empty);
}

void ReaderService::start_session(Readers::value_type& reader) {
    const CardSessionId session{++last_id_};
    reader.second.session = session;
    set_state(reader, ReaderState::Reading);
    watch_opening(reader);
    reader.second.worker->submit(OpenCard{session});
}

void ReaderService::watch_opening(Readers::value_type& reader) {
    set_timer(reader, settings_.open_patience, [this](Readers::value_type& slow) {
        const Error error = not_ended(slow.second.worker->phase());
        set_state(slow, state_of(error.code()), error.what());
    });
}

void ReaderService::end_session(Readers::value_type& reader) {
    Reader& state = reader.second;
    if (!state.session)
        return;
    const CardSessionId session = *std::exchange(state.session, std::nullopt);
    const bool announced = std::exchange(state.session_announced, false);
    state.ready = false;
    state.worker->submit(CloseCard{});
    end_requests_of(session, *state.worker);
    if (announced)
        events_.on_card_removed(reader.first, session);
}

/// What has not started fails now; what is with the card fails by itself, or else soon.
void ReaderService::end_requests_of(CardSessionId session, ReaderWorker& worker) {
    std::vector<RequestId> requests;
    for (const auto& [id, pending] : pending_)
        if (pending.session == session)
            requests.push_back(id);
    for (const RequestId id : requests) {
        const auto found = pending_.find(id);
        if (found == pending_.end())
            continue; // cancelled by whom an earlier round of this loop told
        Pending& pending = found->second;
        if (worker.drop(id)) {
            fail(id, card_removed());
            continue;
        }
        loop_.cancel_timer(*pending.deadline);
        pending.deadline = loop_.call_after(settings_.removal_grace, [this, id] { on_deadline(id); });
    }
}

// What the workers say.

void ReaderService::on_worker_ready(WorkerId worker, core::PinPad pin_pad) {
    auto* reader = find(worker);
    if (!reader)
        return;
    reader->second.announced = true;
    events_.on_reader_added(reader->first, pin_pad);
    if (reader->second.state != ReaderState::Empty)
        events_.on_reader_state(reader->first, reader->second.state, reader->second.detail);
    announce_available();
}

void ReaderService::on_card_opened(WorkerId worker, CardSessionId session,
                                   const card::CardDescription& description) {
    auto* reader = find(worker, session);
    if (!reader)
        return;
    reader->second.session_announced = true;
    events_.on_card_inserted(reader->first, session, description);
}

void ReaderService::on_pin_statuses_read(WorkerId worker, CardSessionId session,
                                         const CardSession::PinStatuses& statuses) {
    if (find(worker, session))
        events_.on_pin_statuses(session, statuses.statuses, statuses.activation);
}

void ReaderService::on_card_ready(WorkerId worker, CardSessionId session) {
    auto* reader = find(worker, session);
    if (!reader)
        return;
    clear_timer(reader->second);
    reader->second.ready = true;
    reader->second.refused_delay = milliseconds::zero();
    set_state(*reader, ReaderState::Present);
}

void ReaderService::on_card_busy(WorkerId worker, CardSessionId session, const std::string& holder) {
    auto* reader = find(worker, session);
    if (!reader)
        return;
    clear_timer(reader->second);
    set_state(*reader, ReaderState::Busy, holder);
}

void ReaderService::on_card_reading(WorkerId worker, CardSessionId session) {
    auto* reader = find(worker, session);
    if (!reader)
        return;
    set_state(*reader, ReaderState::Reading);
    watch_opening(*reader);
}

void ReaderService::on_card_unusable(WorkerId worker, CardSessionId session, const Error& why) {
    auto* reader = find(worker, session);
    if (!reader)
        return;
    clear_timer(reader->second);
    end_session(*reader);
    set_state(*reader, state_of(why.code()), why.what());
    if (why.code() == ErrorCode::PcscAccessDenied)
        open_again_later(*reader);
}

/// The refusal ends without an event of pcscd's, e.g. when the login session becomes active again.
void ReaderService::open_again_later(Readers::value_type& reader) {
    milliseconds& delay = reader.second.refused_delay;
    delay = delay == milliseconds::zero() ? settings_.monitor.denied_retry
                                          : std::min(delay * 2, settings_.monitor.denied_retry_max);
    set_timer(reader, delay, [this](Readers::value_type& refused) { start_session(refused); });
}

void ReaderService::on_login_lost(WorkerId worker, CardSessionId session) {
    if (find(worker, session))
        events_.on_login_lost(session);
}

void ReaderService::on_request_done(WorkerId worker, RequestId request, RequestResult result) {
    if (auto* reader = find(worker); reader && reader->second.overdue == request) {
        reader->second.overdue.reset();
        if (reader->second.ready)
            set_state(*reader, ReaderState::Present);
    }
    finish(request, std::move(result));
}

// Requests.

template <class What>
RequestId ReaderService::submit(CardSessionId session, What what, milliseconds timeout,
                                Callback<ResultOf<What>> answer) {
    using Result = ResultOf<What>;
    const RequestId id{++last_id_};
    Pending& pending = pending_[id];
    pending.session = session;
    pending.answer = [answer = std::move(answer)](RequestResult result) {
        answer(std::get<Result>(std::move(result)));
    };
    pending.failure = [](Error error) { return RequestResult(Result(std::move(error))); };
    if (auto* reader = find(session)) {
        pending.deadline = loop_.call_after(timeout, [this, id] { on_deadline(id); });
        reader->second.worker->submit(Request{id, session, std::move(what)});
    } else {
        outbox_->post([this, id] { fail(id, card_removed()); });
    }
    return id;
}

RequestId ReaderService::sign(CardSessionId session, core::SignRequest request, milliseconds timeout,
                              Callback<core::SignResult> answer) {
    return submit(session, std::move(request), timeout, std::move(answer));
}

RequestId ReaderService::decipher(CardSessionId session, core::DecipherRequest request, milliseconds timeout,
                                  Callback<core::SecretResult> answer) {
    return submit(session, std::move(request), timeout, std::move(answer));
}

RequestId ReaderService::derive(CardSessionId session, core::DeriveRequest request, milliseconds timeout,
                                Callback<core::SecretResult> answer) {
    return submit(session, std::move(request), timeout, std::move(answer));
}

RequestId ReaderService::verify(CardSessionId session, core::VerifyRequest request, milliseconds timeout,
                                Callback<core::PinResult> answer) {
    return submit(session, std::move(request), timeout, std::move(answer));
}

RequestId ReaderService::set_pin(CardSessionId session, core::SetPinRequest request, milliseconds timeout,
                                 Callback<core::PinResult> answer) {
    return submit(session, std::move(request), timeout, std::move(answer));
}

RequestId ReaderService::log_out(CardSessionId session, core::LogOutRequest request, milliseconds timeout,
                                 Callback<core::LogOutResult> answer) {
    return submit(session, std::move(request), timeout, std::move(answer));
}

RequestId ReaderService::read_pin_status(CardSessionId session, core::PinStatusRequest request,
                                         milliseconds timeout, Callback<core::PinStatusResult> answer) {
    return submit(session, request, timeout, std::move(answer));
}

void ReaderService::refresh_pin_statuses(CardSessionId session) {
    if (auto* reader = find(session))
        reader->second.worker->submit(ReadPinStatuses{session});
}

void ReaderService::cancel(RequestId request) {
    const auto found = pending_.find(request);
    if (found == pending_.end())
        return;
    if (found->second.deadline)
        loop_.cancel_timer(*found->second.deadline);
    if (auto* reader = find(found->second.session))
        reader->second.worker->withdraw(request);
    pending_.erase(found);
}

void ReaderService::retry_access() {
    monitor_.retry();
    for (auto& reader : readers_) {
        if (reader.second.refused_delay == milliseconds::zero() || reader.second.session)
            continue;
        clear_timer(reader.second);
        start_session(reader);
    }
}

void ReaderService::on_deadline(RequestId request) {
    Pending& pending = pending_.at(request);
    pending.deadline.reset();
    auto* reader = find(pending.session);
    if (!reader) { // the grace after the removal is over
        fail(request, card_removed());
        return;
    }
    ReaderWorker& worker = *reader->second.worker;
    if (worker.drop(request)) {
        fail(request, not_started(worker.phase(), reader->second.overdue.has_value()));
        return;
    }
    worker.withdraw(request);
    const Error error = not_ended(worker.phase());
    reader->second.overdue = request;
    set_state(*reader, state_of(error.code()), error.what());
    fail(request, error);
}

/// Answers, unless the answer came before or nobody waits any more.
void ReaderService::finish(RequestId request, RequestResult result) {
    auto pending = pending_.extract(request);
    if (pending.empty())
        return;
    if (pending.mapped().deadline)
        loop_.cancel_timer(*pending.mapped().deadline);
    pending.mapped().answer(std::move(result));
}

void ReaderService::fail(RequestId request, const Error& error) {
    if (const auto pending = pending_.find(request); pending != pending_.end())
        finish(request, pending->second.failure(error));
}

// Lookup and state.

ReaderService::Readers::value_type* ReaderService::find(WorkerId worker) {
    const auto found = std::ranges::find_if(
        readers_, [worker](const auto& reader) { return reader.second.worker->id() == worker; });
    return found == readers_.end() ? nullptr : &*found;
}

ReaderService::Readers::value_type* ReaderService::find(CardSessionId session) {
    const auto found = std::ranges::find_if(
        readers_, [session](const auto& reader) { return reader.second.session == session; });
    return found == readers_.end() ? nullptr : &*found;
}

ReaderService::Readers::value_type* ReaderService::find(WorkerId worker, CardSessionId session) {
    auto* reader = find(worker);
    return reader && reader->second.session == session ? reader : nullptr;
}

void ReaderService::set_state(Readers::value_type& reader, ReaderState state, const std::string& detail) {
    Reader& entry = reader.second;
    if (entry.state == state && entry.detail == detail)
        return;
    entry.state = state;
    entry.detail = detail;
    if (entry.announced)
        events_.on_reader_state(reader.first, state, detail);
}

void ReaderService::set_timer(Readers::value_type& reader, milliseconds delay,
                              std::function<void(Readers::value_type&)> work) {
    clear_timer(reader.second);
    reader.second.timer = loop_.call_after(delay, [&reader, run = std::move(work)] {
        reader.second.timer.reset();
        run(reader);
    });
}

void ReaderService::clear_timer(Reader& reader) {
    if (reader.timer)
        loop_.cancel_timer(*std::exchange(reader.timer, std::nullopt));
}

} // namespace digisign::pcsc
