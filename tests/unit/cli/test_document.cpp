// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cli/document.hpp"
#include "tests/unit/client/sample_state.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace digisign;
using namespace digisign::cli;
using test::error_code_of;

namespace {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "digisign-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

} // namespace

TEST_CASE("ordinary_file__is_opened_with_its_permissions") {
    const TemporaryDirectory directory;
    const std::string path = directory / "a.pdf";
    std::ofstream(path) << "%PDF";
    REQUIRE(::chmod(path.c_str(), 0540) == 0);
    const InputDocument document = open_document(path);
    CHECK(document.fd);
    CHECK(document.mode == 0640); // no program, but the owner's to delete or replace
}

TEST_CASE("input__that_is_no_document__is_refused_by_kind") {
    const TemporaryDirectory directory;
    std::ofstream(directory / "empty.pdf").close();
    REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
    CHECK(error_code_of([&] { open_document(directory / "missing.pdf"); }) == ErrorCode::InputNotFound);
    CHECK(error_code_of([&] { open_document(directory / "empty.pdf/x"); }) == ErrorCode::InputNotFound);
    CHECK(error_code_of([&] { open_document(directory / "empty.pdf"); }) == ErrorCode::InputEmpty);
    CHECK(error_code_of([&] { open_document(directory / "."); }) == ErrorCode::InputNotRegularFile);
    CHECK(error_code_of([&] { open_document(directory / "pipe"); }) ==
          ErrorCode::InputNotRegularFile); // and no wait
    CHECK(error_code_of([&] { open_document("/dev/null"); }) == ErrorCode::InputNotRegularFile);
}

TEST_CASE("default_output__stands_beside_the_input") {
    CHECK(default_output_path("dir/contract.pdf") == "dir/contract-signed.pdf");
    CHECK(default_output_path("contract.PDF") == "contract-signed.pdf");
    CHECK(default_output_path("contract") == "contract-signed.pdf");
    CHECK(default_output_path("contract.pdf.old") == "contract.pdf.old-signed.pdf");
    CHECK(default_output_path("dir/.pdf") == "dir/.pdf-signed.pdf");
}

TEST_CASE("document_name__is_text_of_bearable_length") {
    CHECK(document_name("/home/x/contract.pdf") == "contract.pdf");
    CHECK(document_name("/home/x/a\x1B[31m.pdf") == "a [31m.pdf");
    const std::string name = document_name("/x/" + std::string(254, 'a') + "ä.pdf");
    CHECK(name == std::string(254, 'a') + "…");
}
