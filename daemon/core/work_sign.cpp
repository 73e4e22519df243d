// SPDX-License-Identifier: LGPL-2.1-or-later

#include "daemon/card/check_signature.hpp"
#include "daemon/core/key_use.hpp"
#include "daemon/core/work.hpp"

#include <utility>

namespace digisign::core {

namespace {

class Signing final : public KeyUse {
public:
    Signing(Steps& steps, const SignWork& work) : steps_(steps), work_(work) {}

    std::size_t remaining() const override { return work_.items.size() - signatures_.size(); }

    Task<std::optional<card::PinOutcome>> use_once(std::optional<PresentedPin> pin,
                                                   card::PinSet keep) override {
        SignRequest request{work_.key_id, work_.mechanism, work_.items[signatures_.size()].data,
                            std::move(pin), std::move(keep)};
        SignResult result = co_await steps_.sign(std::move(request));
        if (const auto* refused = std::get_if<card::PinOutcome>(&result))
            co_return *refused;
        signatures_.push_back(std::move(std::get<Bytes>(result)));
        co_return std::nullopt;
    }

    void describe(Prompt& prompt) const override {
        for (const SignWork::Item& item : work_.items)
            if (!item.document.empty())
                prompt.documents.push_back(item.document);
        prompt.signatures = work_.items.size();
    }

    std::vector<Bytes> take_signatures() { return std::move(signatures_); }

private:
    Steps& steps_;
    const SignWork& work_;
    std::vector<Bytes> signatures_;
};

} // namespace

Task<JobResult> sign(Steps& steps, SignWork work) {
    const card::KeyDescription key = find_key(steps, work.key_id);
    Signing signing(steps, work);
    co_await use_key(steps, key, signing);
    JobResult result;
    result.signatures = signing.take_signatures();
    if (work.kind == SignWork::Kind::Test)
        card::check_signature(steps.token().description(), key, work.mechanism, work.items.at(0).data,
                              result.signatures.at(0));
    co_return result;
}

} // namespace digisign::core
