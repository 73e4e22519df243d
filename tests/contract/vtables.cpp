// SPDX-License-Identifier: LGPL-2.1-or-later
// Each interface is served as its XML says: members, signatures, names of arguments, flags.

#include "daemon/bus/vtables.hpp"
#include "client/agent_server.hpp"
#include "common/names.hpp"
#include "documents/vtables.hpp"
#include "tests/contract/interface_description.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

using namespace digisign;
using test::describe_vtable;
using test::describe_xml;

namespace {

const std::filesystem::path xml_dir = XML_DIR;

struct Served {
    const char* by;
    const char* interface;
    const sd_bus_vtable* vtable;
    const char* folder = "";
};

const Served served[] = {
    {"digisignd", names::manager_interface, bus::manager_vtable},
    {"digisignd", names::reader_interface, bus::reader_vtable},
    {"digisignd", names::token_interface, bus::token_vtable},
    {"digisignd", names::pin_interface, bus::pin_vtable},
    {"digisignd", names::key_interface, bus::key_vtable},
    {"digisignd", names::certificate_interface, bus::certificate_vtable},
    {"digisignd", names::job_interface, bus::job_vtable},
    {"digisignd", names::agent_manager_interface, bus::agent_manager_vtable, "private"},
    {"digisignd", names::cryptoki_interface, bus::cryptoki_vtable, "private"},
    {"the client library", names::agent_interface, client::AgentServer::vtable(), "private"},
    {"digisign-documents", names::documents_interface, documents::documents_vtable},
    {"digisign-documents", names::job_interface, documents::job_vtable},
};

std::filesystem::path xml_file(const Served& one) {
    return xml_dir / one.folder / (std::string(one.interface) + ".xml");
}

int no_method(sd_bus_message*, void*, sd_bus_error*) {
    return 0;
}

/// That of a job, but for the name and the flags of one property.
template <std::uint64_t flags>
const sd_bus_vtable* job_like_vtable(const char* name) {
    static sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Cancel", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, no_method, 0),
        SD_BUS_SIGNAL_WITH_ARGS("Finished", SD_BUS_ARGS("s", outcome, "a{sv}", results), 0),
        SD_BUS_PROPERTY("Kind", "s", nullptr, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("State", "s", nullptr, 0, flags),
        SD_BUS_PROPERTY("WaitingFor", "s", nullptr, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Progress", "d", nullptr, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_VTABLE_END,
    };
    vtable[4].x.property.member = name;
    return vtable;
}

} // namespace

TEST_CASE("every_vtable__is_what_its_xml_says") {
    for (const Served& one : served) {
        DYNAMIC_SECTION(one.interface << " of " << one.by) {
            CHECK(describe_vtable(one.vtable) == describe_xml(xml_file(one), one.interface));
        }
    }
}

TEST_CASE("every_xml_file__is_served_by_somebody") {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(xml_dir))
        if (entry.path().extension() == ".xml")
            files.insert(entry.path());
    REQUIRE_FALSE(files.empty());
    for (const Served& one : served)
        files.erase(xml_file(one).lexically_normal());
    CHECK(files == std::set<std::filesystem::path>{});
}

TEST_CASE("vtable_that_differs__is_noticed") {
    const auto job = describe_xml(xml_dir / "org.digisign.DigiSign1.Job.xml", names::job_interface);
    CHECK(describe_vtable(job_like_vtable<SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE>("State")) == job);
    CHECK(describe_vtable(job_like_vtable<SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE>("Status")) != job);
    CHECK(describe_vtable(job_like_vtable<SD_BUS_VTABLE_PROPERTY_CONST>("State")) != job);
    CHECK(describe_vtable(job_like_vtable<0>("State")) != job);
}

TEST_CASE("vtable_with_other_argument__is_noticed") {
    const std::string file = xml_dir / "org.digisign.DigiSign1.Job.xml";
    const sd_bus_vtable other_name[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_SIGNAL_WITH_ARGS("Finished", SD_BUS_ARGS("s", result, "a{sv}", results), 0),
        SD_BUS_VTABLE_END,
    };
    const sd_bus_vtable other_type[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_SIGNAL_WITH_ARGS("Finished", SD_BUS_ARGS("s", outcome, "a{ss}", results), 0),
        SD_BUS_VTABLE_END,
    };
    const auto job = describe_xml(file, names::job_interface);
    CHECK_FALSE(job.contains(*describe_vtable(other_name).begin()));
    CHECK_FALSE(job.contains(*describe_vtable(other_type).begin()));
}
