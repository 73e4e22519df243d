// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/card_session.hpp"

#include "tests/virtual-card/command.hpp"

#include <nlohmann/json.hpp>

namespace digisign::virtual_card {

CardSession::CardSession(EventLoop& loop, VpcdConnection::Address reader, Card& card, const StateStore& store,
                         ApduLog& log)
    : loop_(loop), card_(card), store_(store), log_(log), connection_(loop, std::move(reader), *this) {}

std::string CardSession::status() const {
    using Json = nlohmann::json;
    Json pins = Json::object();
    for (const auto& [role, pin] : store_.state().pins)
        pins[role] = {{"tries-left", pin.tries_left}, {"holder-value", pin.holder_value}};
    const Json status = {{"profile", store_.state().profile},
                         {"inserted", connection_.wanted()},
                         {"connected", connection_.connected()},
                         {"apdus", log_.count()},
                         {"counts", log_.counts()},
                         {"pins", pins}};
    return status.dump();
}

void CardSession::on_power_changed() {
    late_answer_.reset();
    card_.reset();
}

void CardSession::on_atr_wanted() {
    connection_.send(card_.atr());
}

void CardSession::on_apdu(Bytes apdu) {
    const std::optional<Fault> fault = faults_.next();
    std::chrono::microseconds delay = latency_.per_apdu;
    std::optional<Bytes> answer;
    if (fault) {
        switch (fault->kind) {
        case FaultKind::Removed:
            log_.record(apdu, "(removed)");
            connection_.close();
            return;
        case FaultKind::Mute:
            log_.record(apdu, "(mute)");
            return;
        case FaultKind::Reset:
            card_.reset();
            break;
        case FaultKind::Status6F00:
            answer = Response(Status::NoDiagnosis).encode();
            break;
        case FaultKind::Delay:
            delay += fault->delay;
            break;
        case FaultKind::RemovedAfter:
        case FaultKind::Short:
            break; // these strike at the answer
        }
    }
    if (!answer)
        answer = card_.transmit(apdu);
    if (!answer) {
        log_.record(apdu, "(no answer)");
        return;
    }
    if (fault && fault->kind == FaultKind::RemovedAfter) {
        log_.record(apdu, to_hex(*answer) + " (removed)");
        connection_.close();
        return;
    }
    log_.record(apdu, to_hex(*answer));
    if (fault && fault->kind == FaultKind::Short)
        answer->resize(1);
    delay += latency_.per_byte * (apdu.size() + answer->size());
    answer_after(delay, std::move(*answer));
}

void CardSession::answer_after(std::chrono::microseconds delay, Bytes answer) {
    if (delay.count() == 0) {
        connection_.send(answer);
        return;
    }
    late_answer_ = loop_.after(delay, [this, answer = std::move(answer)] { connection_.send(answer); });
}

} // namespace digisign::virtual_card
