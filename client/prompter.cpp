// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/prompter.hpp"

#include <utility>

namespace digisign::client {

void Reply::decline(ErrorCode code, const std::string& reason) {
    const Message question = std::exchange(question_, Message());
    sd_bus_error error = SD_BUS_ERROR_NULL;
    // Returns the error itself.
    (void)::sd_bus_error_set(&error, error_dbus_name(code).c_str(), reason.c_str());
    // Fails if the daemon has hung up: it does not wait then.
    (void)::sd_bus_reply_method_error(question.get(), &error);
    ::sd_bus_error_free(&error);
}

Message Reply::take_answer() {
    const Message question = std::exchange(question_, Message());
    sd_bus_message* answer = nullptr;
    if (::sd_bus_message_new_method_return(question.get(), &answer) < 0)
        return {}; // no memory, or the daemon has hung up
    return Message(sdbus::MessagePtr(answer));
}

PinReply::~PinReply() {
    if (!is_answered())
        decline(ErrorCode::Cancelled, "the PIN was not given");
}

void PinReply::answer(const PinValue& pin) {
    Message answer = take_answer();
    if (!answer)
        return;
    answer.mark_sensitive();
    answer.append(pin.secret());
    send(answer);
}

ConfirmReply::~ConfirmReply() {
    if (!is_answered())
        decline(ErrorCode::Cancelled, "the question was not answered");
}

void ConfirmReply::answer(bool agreed) {
    Message answer = take_answer();
    if (!answer)
        return;
    answer.append_boolean(agreed);
    send(answer);
}

PinPadReply::~PinPadReply() {
    if (is_answered())
        return;
    if (const Message answer = take_answer())
        send(answer);
}

} // namespace digisign::client
