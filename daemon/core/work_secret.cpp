// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs that end in a secret: deciphering, and key agreement.

#include "daemon/core/key_use.hpp"
#include "daemon/core/work.hpp"
#include "daemon/crypto/ec_point.hpp"
#include "daemon/crypto/key_derivation.hpp"

#include <functional>
#include <utility>

namespace digisign::core {

namespace {

/// One request to the reader whose result is a secret.
template <class Request>
class SecretUse final : public KeyUse {
public:
    using Perform = Task<SecretResult> (Steps::*)(Request);

    /// `request` has everything but PIN and `keep`.
    SecretUse(Steps& steps, Perform perform, std::function<Request()> request)
        : steps_(steps), perform_(perform), request_(std::move(request)) {}

    std::size_t remaining() const override { return secret_ ? 0 : 1; }

    Task<std::optional<card::PinOutcome>> use_once(std::optional<PresentedPin> pin,
                                                   card::PinSet keep) override {
        Request request = request_();
        request.pin = std::move(pin);
        request.keep = std::move(keep);
        SecretResult result = co_await (steps_.*perform_)(std::move(request));
        if (const auto* refused = std::get_if<card::PinOutcome>(&result))
            co_return *refused;
        secret_ = std::move(std::get<SecureBuffer>(result));
        co_return std::nullopt;
    }

    void describe(Prompt&) const override {}

    SecureBuffer take() { return std::move(secret_.value()); }

private:
    Steps& steps_;
    Perform perform_;
    std::function<Request()> request_;
    std::optional<SecureBuffer> secret_;
};

/// Before anybody is asked for a PIN.
void check_derivation(const card::KeyDescription& key, const DeriveWork& work) {
    if (!key.can_derive)
        throw Error(ErrorCode::MechanismUnsupported, "this key cannot derive another one");
    if (!crypto::is_point_of(key.curve, work.peer_point))
        throw Error(ErrorCode::InvalidArgument,
                    "the other side's public key is no point of the curve " + key.curve);
    const bool possible = work.kdf == Digest::None ? work.length <= (key.bits + 7u) / 8u : work.length != 0;
    if (!possible)
        throw Error(ErrorCode::InvalidArgument, "the secret cannot be as long as that");
}

/// Its first bytes, or all of it.
SecureBuffer shortened(SecureBuffer secret, std::size_t length) {
    if (length != 0)
        secret.set_size(length);
    return secret;
}

} // namespace

Task<JobResult> decrypt(Steps& steps, DecryptWork work) {
    const card::KeyDescription key = find_key(steps, work.key_id);
    SecretUse<DecipherRequest> use(steps, &Steps::decipher, [&work] {
        return DecipherRequest{work.key_id, work.mechanism, work.cryptogram, {}, {}};
    });
    co_await use_key(steps, key, use);
    JobResult result;
    result.secret = std::make_shared<const SecureBuffer>(use.take());
    co_return result;
}

Task<JobResult> derive(Steps& steps, DeriveWork work) {
    const card::KeyDescription key = find_key(steps, work.key_id);
    check_derivation(key, work);
    SecretUse<DeriveRequest> use(steps, &Steps::derive, [&work] {
        return DeriveRequest{work.key_id, work.peer_point, {}, {}};
    });
    co_await use_key(steps, key, use);
    SecureBuffer shared = use.take();
    JobResult result;
    result.secret = std::make_shared<const SecureBuffer>(
        work.kdf == Digest::None
            ? shortened(std::move(shared), work.length)
            : crypto::derive_x963(work.kdf, shared.view(), work.shared_info, work.length));
    co_return result;
}

} // namespace digisign::core
