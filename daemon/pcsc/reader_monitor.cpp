// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/pcsc/reader_monitor.hpp"

#include "common/log.hpp"
#include "daemon/pcsc/context.hpp"
#include "daemon/pcsc/error_map.hpp"
#include "daemon/pcsc/service_watch.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace digisign::pcsc {

namespace {

using Clock = std::chrono::steady_clock;
using core::PcscState;
using core::ReaderName;
using std::chrono::milliseconds;

/// Reports readers that come and go; the name is pcsc-lite's.
constexpr char new_reader_notification[] = "\\\\?PnP?\\Notification";

/// libpcsclite turns INFINITE into a wake-up per minute (it waits 60 s and starts over), but waits in one go
/// for any other time that fits poll()'s 24 days.
constexpr milliseconds no_timeout = std::chrono::days(7);

/// What runs in the thread.
class Watcher {
public:
    Watcher(std::shared_ptr<Outbox> outbox, MonitorEvents& events, std::shared_ptr<ServiceWatch> watch,
            std::filesystem::path socket, ReaderMonitor::Timing timing, StopSignal& stop)
        : outbox_(std::move(outbox)),
          events_(events),
          watch_(std::move(watch)),
          socket_(std::move(socket)),
          timing_(timing),
          stop_(stop) {}

    void run();

private:
    void serve();
    void watch_readers(Context& context);
    bool update_reader_list(std::vector<ReaderName> present);
    void take_note(const ReaderName& reader, ReaderStatus status);
    void forget_readers();

    std::optional<milliseconds> delay_after(const Error& error);
    void announce(PcscState state, const std::string& message);
    template <class... Parameters, class... Arguments>
    void tell(void (MonitorEvents::*event)(Parameters...), const Arguments&... arguments);

    std::shared_ptr<Outbox> outbox_;
    MonitorEvents& events_; ///< touched only by what the outbox runs on the loop
    std::shared_ptr<ServiceWatch> watch_;
    std::filesystem::path socket_;
    ReaderMonitor::Timing timing_;
    StopSignal& stop_;

    unsigned failures_ = 0;                      ///< attempts in a row that did not work
    std::map<ReaderName, ReaderStatus> readers_; ///< as last reported
};

template <class... Parameters, class... Arguments>
void Watcher::tell(void (MonitorEvents::*event)(Parameters...), const Arguments&... arguments) {
    outbox_->post([event, &events = events_, arguments...] { (events.*event)(arguments...); });
}

void Watcher::announce(PcscState state, const std::string& message) {
    tell(&MonitorEvents::on_service_state, state, message);
}

void Watcher::run() {
    while (!stop_.requested()) {
        std::optional<milliseconds> delay;
        watch_->arm();
        try {
            serve();
            delay = failures_ == 0 ? milliseconds::zero()
                                   : timing_.connect_retry * (1 << std::min(failures_, 10u));
        } catch (const Error& error) {
            delay = delay_after(error);
        }
        if (watch_->wait(delay, stop_.token()) != ServiceWatch::Wake::Timeout)
            failures_ = 0;
    }
}

/// Returns when pcscd has gone away; throws if it could not be reached.
void Watcher::serve() {
    Context context(stop_);
    watch_->disarm();
    const auto start = Clock::now();
    try {
        watch_readers(context);
    } catch (const Error& error) { // the service is lost, and how does not matter
        log::info(error.what());
    }
    forget_readers();
    if (stop_.requested())
        return;
    announce(PcscState::Unavailable, "the smart card service (pcscd) has stopped");
    failures_ = Clock::now() - start < timing_.proven_up ? failures_ + 1 : 0;
    watch_->arm();
}

std::optional<milliseconds> Watcher::delay_after(const Error& error) {
    const unsigned doublings = std::min(failures_++, 16u);
    if (error.code() == ErrorCode::PcscUnavailable) {
        announce(PcscState::Unavailable, error.what());
        std::error_code ignored; // then it is not there
        if (failures_ > timing_.connect_tries || !std::filesystem::exists(socket_, ignored))
            return std::nullopt;
        return timing_.connect_retry * (1 << doublings);
    }
    // The refusal may end without any event of pcscd's: the session becomes active, an administrator adds a
    // rule.
    const milliseconds delay = std::min(timing_.denied_retry * (1 << doublings), timing_.denied_retry_max);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(delay).count();
    announce(error.code() == ErrorCode::PcscAccessDenied ? PcscState::AccessDenied : PcscState::Unavailable,
             std::string(error.what()) + "; trying again in " + std::to_string(seconds) + " s");
    return delay;
}

void Watcher::watch_readers(Context& context) {
    bool settled = false;
    bool announced = false;
    // "Available" comes after the first look at what is there, so that nobody takes "not looked yet" for "no
    // card".
    const auto announce_once = [&] {
        if (!std::exchange(announced, true))
            announce(PcscState::Available, "");
    };
    DWORD reader_events = 0; ///< newer libraries: counter of readers' changes, in the upper half
    while (!stop_.requested()) {
        if (update_reader_list(context.list_readers()))
            settled = false;
        if (readers_.empty())
            announce_once();

        std::vector<SCARD_READERSTATE> states;
        for (const auto& [reader, status] : readers_) {
            SCARD_READERSTATE& state = states.emplace_back();
            state.szReader = reader.value.c_str();
            state.dwCurrentState = status.event_state();
        }
        SCARD_READERSTATE& any = states.emplace_back();
        any.szReader = new_reader_notification;
        any.dwCurrentState = reader_events;

        const LONG result = context.wait_for_change(states, settled ? no_timeout : timing_.settle);
        if (result == SCARD_E_TIMEOUT || result == SCARD_E_CANCELLED) {
            settled = true;
            announce_once();
            continue;
        }
        if (result == SCARD_E_UNKNOWN_READER) // it went between the list and the wait
            continue;
        if (result != SCARD_S_SUCCESS)
            throw error_from_result(result, "watch the smart card readers");

        reader_events = states.back().dwEventState & ~DWORD{0xFFFF};
        states.pop_back();
        for (const SCARD_READERSTATE& state : states)
            take_note({state.szReader}, ReaderStatus(state.dwEventState));
        announce_once();
    }
}

/// Returns whether the list has changed.
bool Watcher::update_reader_list(std::vector<ReaderName> present) {
    std::ranges::sort(present); // pcscd's order differs from start to start, and numbers are given in ours
    bool changed = false;
    for (auto reader = readers_.begin(); reader != readers_.end();) {
        if (std::ranges::find(present, reader->first) != present.end()) {
            ++reader;
            continue;
        }
        tell(&MonitorEvents::on_reader_lost, reader->first);
        reader = readers_.erase(reader);
        changed = true;
    }
    for (const ReaderName& reader : present) {
        if (!readers_.try_emplace(reader, SCARD_STATE_UNAWARE).second)
            continue;
        tell(&MonitorEvents::on_reader_found, reader);
        changed = true;
    }
    return changed;
}

void Watcher::take_note(const ReaderName& reader, ReaderStatus status) {
    const ReaderStatus last = std::exchange(readers_.at(reader), status);
    // Other counts with a card before and after: it was exchanged between two looks. No count (pcscd is about
    // to drop the reader) says nothing.
    const bool exchanged =
        last.card_present() && status.card_present() && last.event_count() != status.event_count();
    const bool recovered = last.card_mute() && status.card_present() && !status.card_mute();
    const bool fell_silent = last.card_present() && !last.card_mute() && status.card_mute();

    const bool ended =
        last.card_present() && (!status.card_present() || exchanged || recovered || fell_silent);
    if (ended)
        tell(&MonitorEvents::on_removed, reader);
    if (!status.card_present() || (last.card_present() && !ended))
        return;
    tell(status.card_mute() ? &MonitorEvents::on_mute : &MonitorEvents::on_inserted, reader);
}

void Watcher::forget_readers() {
    update_reader_list({});
}

} // namespace

ReaderMonitor::ReaderMonitor(std::shared_ptr<Outbox> outbox, MonitorEvents& events,
                             std::filesystem::path service_socket, Timing timing)
    : watch_(std::make_shared<ServiceWatch>(service_socket)),
      thread_("pcsc-monitor",
              [outbox = std::move(outbox), &events, watch = watch_, socket = std::move(service_socket),
               timing](StopSignal& stop) { Watcher(outbox, events, watch, socket, timing, stop).run(); }) {}

void ReaderMonitor::retry() {
    watch_->interrupt();
}

} // namespace digisign::pcsc
