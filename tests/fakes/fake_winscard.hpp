// SPDX-License-Identifier: LGPL-2.1-or-later
// A pcscd with readers and cards inside the test program: the functions of winscard.h, linked instead of
// libpcsclite, and the hands that plug in readers, insert cards and stop the service.

#pragma once

#include "common/bytes.hpp"
#include "daemon/card/channel.hpp"
#include "tests/pin-pad-reader/pin_entry.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace digisign::fakes {

/// Thrown by a card whose exchange fails: what SCardTransmit returns.
struct FailedExchange {
    long result;
};

/// A card as the reader's contacts see it.
class FakeCard {
public:
    virtual ~FakeCard() = default;

    virtual Bytes atr() const = 0;
    virtual card::Protocol protocol() const { return card::Protocol::T1; }
    /// Called without any lock, so that a card may pull itself out in the middle of a command.
    virtual Bytes transmit(ByteView command) = 0;
    /// Cold or warm; forgets what was verified.
    virtual void reset() = 0;
};

/// A reader's keys and the person in front of them.
struct FakeKeys {
    bool verify = true;
    bool modify = true;
    /// FEATURE_GET_TLV_PROPERTIES; FEATURE_IFD_PIN_PROPERTIES; none. The first two tell of `limits`.
    enum class Tells { Tlv, Structure, Nothing };
    Tells tells = Tells::Tlv;
    bool has_display = false;
    pin_pad_reader::PinPadLimits limits{};

    /// What is typed for each value asked for; or the reader's own word; or what the driver's call returns.
    using Typed = std::variant<std::vector<std::string>, std::uint16_t, long>;
    /// Called without any lock.
    std::function<Typed(const pin_pad_reader::PinEntry& entry)> type{};

    std::size_t entries = 0; ///< how often somebody was asked to type
};

class FakeWinscard {
public:
    static FakeWinscard& instance();

    /// Back to no service, no reader, for the next test. Every context must have been released.
    void clear();

    // The service. Its socket is an empty file, made and removed as pcscd would.
    const std::string& socket_path() const { return socket_path_; }
    void start_service();
    /// Like a killed pcscd: all connections break. `leave_socket` as after SIGKILL.
    void stop_service(bool leave_socket = false);
    void refuse_sessions(bool refuse); ///< polkit: action access_pcsc
    void refuse_cards(bool refuse);    ///< polkit: action access_card

    // Readers, by name.
    void plug_reader(const std::string& reader, std::shared_ptr<FakeKeys> keys = nullptr);
    void unplug_reader(const std::string& reader);
    void insert_card(const std::string& reader, std::shared_ptr<FakeCard> card);
    void remove_card(const std::string& reader);
    /// In one go, so that nobody sees the reader empty.
    void exchange_card(const std::string& reader, std::shared_ptr<FakeCard> card);
    void insert_mute_card(const std::string& reader);

    // Another program.
    void reset_card(const std::string& reader);
    void hold_exclusively(const std::string& reader);
    /// For so short a time that pcscd's status never shows it.
    void hold_exclusively_unseen(const std::string& reader);
    void release_exclusive(const std::string& reader);
    void begin_foreign_transaction(const std::string& reader);
    void end_foreign_transaction(const std::string& reader);

    /// From now on SCardTransmit does not return, until resume_transmit(); the card has got the command.
    void hang_transmit(const std::string& reader);
    void resume_transmit(const std::string& reader);

    // What the program under test did.
    std::size_t calls() const;         ///< of any function
    std::size_t contexts() const;      ///< not released
    std::size_t connections() const;   ///< not disconnected
    std::size_t transactions() const;  ///< not ended
    std::size_t connects() const;      ///< calls of SCardConnect that made one
    std::size_t hanging() const;       ///< threads inside a hanging SCardTransmit
    std::size_t foreign_waits() const; ///< threads waiting for another program's transaction
    /// Timeout of the SCardGetStatusChange that waits for new readers; 0 if none does.
    std::chrono::milliseconds monitor_timeout() const;

private:
    FakeWinscard();
    ~FakeWinscard();

    std::string socket_path_;
};

} // namespace digisign::fakes
