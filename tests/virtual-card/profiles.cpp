// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/profiles.hpp"

#include "common/error.hpp"
#include "tests/virtual-card/fineid_card.hpp"
#include "tests/virtual-card/myeid_card.hpp"

#include <algorithm>
#include <array>

namespace digisign::virtual_card {

namespace {

struct Profile {
    const char* name;
    CardPlan (*plan)();
    std::unique_ptr<Card> (*make)(StateStore& store);
};

template <FineidVersion version>
CardPlan plan_fineid() {
    return fineid_plan(version);
}

template <FineidVersion version>
std::unique_ptr<Card> make_fineid(StateStore& store) {
    return std::make_unique<FineidCard>(version, store);
}

std::unique_ptr<Card> make_myeid(StateStore& store) {
    return std::make_unique<MyeidCard>(store);
}

constexpr std::array profiles{
    Profile{"fineid-v4", plan_fineid<FineidVersion::V4>, make_fineid<FineidVersion::V4>},
    Profile{"fineid-v3", plan_fineid<FineidVersion::V3>, make_fineid<FineidVersion::V3>},
    Profile{"myeid", myeid_plan, make_myeid},
};

const Profile& find_profile(const std::string& name) {
    const auto found =
        std::ranges::find_if(profiles, [&](const Profile& profile) { return profile.name == name; });
    if (found == profiles.end())
        throw Error(ErrorCode::InvalidArgument, "there is no profile " + name);
    return *found;
}

} // namespace

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    for (const Profile& profile : profiles)
        names.emplace_back(profile.name);
    return names;
}

CardPlan card_plan(const std::string& profile) {
    return find_profile(profile).plan();
}

std::unique_ptr<Card> make_card(const std::string& profile, StateStore& store) {
    return find_profile(profile).make(store);
}

} // namespace digisign::virtual_card
