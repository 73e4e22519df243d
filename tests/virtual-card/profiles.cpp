// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/virtual-card/profiles.hpp"

#include "common/error.hpp"
#include "tests/virtual-card/fineid_card.hpp"
#include "tests/virtual-card/isoapplet_card.hpp"
#include "tests/virtual-card/myeid_card.hpp"
#include "tests/virtual-card/odd_cards.hpp"
#include "tests/virtual-card/piv_card.hpp"
#include "tests/virtual-card/plain_card.hpp"

#include <algorithm>
#include <array>

namespace digisign::virtual_card {

namespace {

struct Profile {
    const char* name;
    CardPlan (*plan)(const char* name);
    std::unique_ptr<Card> (*make)(StateStore& store);
};

const std::array profiles{
    Profile{"fineid-v4", [](const char*) { return fineid_plan(FineidVersion::V4); },
            [](StateStore& store) -> std::unique_ptr<Card> {
                return std::make_unique<FineidCard>(FineidVersion::V4, store);
            }},
    Profile{"fineid-v3", [](const char*) { return fineid_plan(FineidVersion::V3); },
            [](StateStore& store) -> std::unique_ptr<Card> {
                return std::make_unique<FineidCard>(FineidVersion::V3, store);
            }},
    Profile{"myeid", [](const char*) { return myeid_plan(); },
            [](StateStore& store) -> std::unique_ptr<Card> { return std::make_unique<MyeidCard>(store); }},
    Profile{"isoapplet", [](const char*) { return isoapplet_plan(IsoAppletVersion::V1_0); },
            [](StateStore& store) -> std::unique_ptr<Card> {
                return std::make_unique<IsoAppletCard>(IsoAppletVersion::V1_0, store);
            }},
    Profile{"isoapplet-0.6", [](const char*) { return isoapplet_plan(IsoAppletVersion::V0_6); },
            [](StateStore& store) -> std::unique_ptr<Card> {
                return std::make_unique<IsoAppletCard>(IsoAppletVersion::V0_6, store);
            }},
    Profile{"piv", [](const char*) { return piv_plan(); },
            [](StateStore& store) -> std::unique_ptr<Card> { return std::make_unique<PivCard>(store); }},
    Profile{"pkcs15", [](const char*) { return plain_plan(); },
            [](StateStore& store) -> std::unique_ptr<Card> { return std::make_unique<PlainCard>(store); }},
    Profile{"unknown", blank_plan, [](StateStore&) { return make_unknown_card(); }},
    Profile{"garbage", blank_plan, [](StateStore&) { return make_garbage_card(); }},
    Profile{"mute", blank_plan, [](StateStore&) { return make_mute_card(); }},
    Profile{"silent", blank_plan, [](StateStore&) { return make_silent_card(); }},
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

CardPlan card_plan(const std::string& name) {
    const Profile& profile = find_profile(name);
    return profile.plan(profile.name);
}

std::unique_ptr<Card> make_card(const std::string& name, StateStore& store) {
    return find_profile(name).make(store);
}

} // namespace digisign::virtual_card
