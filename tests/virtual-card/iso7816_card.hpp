// SPDX-License-Identifier: LGPL-2.1-or-later
// What every card here has in common: files, their selection and reading, command chaining, and the ways an
// answer travels under T=0 and T=1.

#pragma once

#include "tests/virtual-card/card.hpp"
#include "tests/virtual-card/command.hpp"
#include "tests/virtual-card/file_system.hpp"

#include <cstddef>
#include <cstdint>

namespace digisign::virtual_card {

class Iso7816Card : public Card {
public:
    /// ISO/IEC 7816-3: T=0 cannot carry data both ways in one exchange and names wrong lengths by 6Cxx.
    enum class Protocol { T0, T1 };

    Iso7816Card(Protocol protocol, Bytes atr);

    Bytes atr() const final { return atr_; }
    void reset() final;
    std::optional<Bytes> transmit(ByteView apdu) final;

protected:
    /// Everything but SELECT, READ BINARY, GET CHALLENGE and GET RESPONSE. Chains arrive joined.
    virtual Response process(const Command& command) = 0;

    /// Forget verified PINs and the security environment.
    virtual void clear_security() = 0;

    /// The same for SELECT of an application or the MF, which may spare what is global.
    virtual void end_application() { clear_security(); }

    /// May refuse a chain: some commands accept data in one piece only.
    virtual bool accepts_chain(const Command& command) const = 0;
    virtual Status chain_refusal() const { return Status::ConditionsNotSatisfied; }

    enum class SelectedBy { Name, Identifier };

    /// SELECT of a DF by its name, or of the MF; by then it is the current directory and end_application()
    /// was called.
    virtual void on_application_selected(const File& directory, SelectedBy how) = 0;

    /// What SELECT by name answers in the place of file control parameters, if anything else.
    virtual std::optional<Bytes> application_answer(const File&) const { return std::nullopt; }

    /// File control parameters, without the template around them.
    virtual Bytes control_parameters(const File& file) const = 0;

    /// Most that READ BINARY gives where Le = 00 leaves the length to the card.
    virtual std::size_t read_limit() const { return 256; }

    Protocol protocol() const { return protocol_; }
    FileSystem& files() { return files_; }
    const File& current_directory() const { return *directory_; }
    const File* current_file() const { return file_; }

    /// Commands without data but with an answer of known length: under T=0 a different Le gets 6Cxx and the
    /// command must not have had any effect. Returns that answer, or nothing when the command may go on.
    std::optional<Response> check_le(const Command& command, std::size_t length) const;

private:
    Response dispatch(const Command& command);
    Response select(const Command& command);
    Response read_binary(const Command& command) const;
    Response get_challenge(const Command& command) const;
    Response get_response(const Command& command);
    /// What the transport makes of the answer: 61xx, 6Cxx or the data itself.
    Response deliver(const Command& command, Response response);
    File* find(const Command& command);

    Protocol protocol_;
    Bytes atr_;
    FileSystem files_;
    File* directory_;
    File* file_ = nullptr; ///< current EF; null when none is selected
    std::optional<Command> chain_;
    Bytes waiting_; ///< for GET RESPONSE
};

} // namespace digisign::virtual_card
