// SPDX-License-Identifier: LGPL-2.1-or-later

#include "common/error.hpp"
#include "common/file.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

using namespace digisign;
namespace fs = std::filesystem;

namespace {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (fs::temp_directory_path() / "digisign-test.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() { fs::remove_all(path_); }

    std::string operator/(const char* name) const { return (path_ / name).string(); }
    std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }

private:
    fs::path path_;
};

std::string content_of(const std::string& path) {
    const auto bytes = read_small_file(path, 4096);
    REQUIRE(bytes);
    return to_string(*bytes);
}

void put(const std::string& path, std::string_view text) {
    std::ofstream(path) << text;
}

ErrorCode code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error was thrown");
    return ErrorCode::Internal;
}

} // namespace

TEST_CASE("output_file__before_commit__leaves_no_trace_even_if_abandoned") {
    const TemporaryDirectory directory;
    {
        OutputFile file(directory / "out", OutputFile::IfExists::Refuse);
        write_all(file.fd(), as_bytes("half"));
        CHECK_FALSE(fs::exists(directory / "out"));
    }
    CHECK(directory.entries() == 0);
}

TEST_CASE("output_file__committed__has_its_content_and_nothing_else_is_there") {
    const TemporaryDirectory directory;
    OutputFile file(directory / "out", OutputFile::IfExists::Refuse);
    write_all(file.fd(), as_bytes("whole"));
    file.commit();
    CHECK(content_of(directory / "out") == "whole");
    CHECK(directory.entries() == 1);
}

TEST_CASE("output_file__existing_file__is_refused_at_once_and_kept") {
    const TemporaryDirectory directory;
    put(directory / "out", "old");
    CHECK(code_of([&] { OutputFile(directory / "out", OutputFile::IfExists::Refuse); }) ==
          ErrorCode::OutputExists);
    CHECK(content_of(directory / "out") == "old");
}

TEST_CASE("output_file__name_taken_meanwhile__is_refused_at_commit_and_kept") {
    const TemporaryDirectory directory;
    OutputFile file(directory / "out", OutputFile::IfExists::Refuse);
    put(directory / "out", "somebody else's");
    CHECK(code_of([&] { file.commit(); }) == ErrorCode::OutputExists);
    CHECK(content_of(directory / "out") == "somebody else's");
}

TEST_CASE("output_file__replace__keeps_the_old_content_until_commit_and_the_mode_after") {
    const TemporaryDirectory directory;
    put(directory / "out", "old");
    REQUIRE(::chmod((directory / "out").c_str(), 0640) == 0);
    OutputFile file(directory / "out", OutputFile::IfExists::Replace);
    write_all(file.fd(), as_bytes("new"));
    CHECK(content_of(directory / "out") == "old");
    file.commit();
    CHECK(content_of(directory / "out") == "new");
    CHECK(directory.entries() == 1);
    struct stat info {};
    REQUIRE(::stat((directory / "out").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == (0640 & ~[] {
              const mode_t mask = ::umask(0);
              ::umask(mask);
              return mask;
          }()));
}

TEST_CASE("output_file__through_a_symbolic_link__replaces_what_it_points_to") {
    const TemporaryDirectory directory;
    put(directory / "real", "old");
    fs::create_symlink(directory / "real", directory / "link");
    OutputFile file(directory / "link", OutputFile::IfExists::Replace);
    write_all(file.fd(), as_bytes("new"));
    file.commit();
    CHECK(fs::is_symlink(directory / "link"));
    CHECK(content_of(directory / "real") == "new");
}

TEST_CASE("output_file__place_that_cannot_be_written__is_named") {
    const TemporaryDirectory directory;
    CHECK(code_of([&] { OutputFile(directory / "no/such", OutputFile::IfExists::Refuse); }) ==
          ErrorCode::OutputNotWritable);
    fs::create_directory(directory / "dir");
    CHECK(code_of([&] { OutputFile(directory / "dir", OutputFile::IfExists::Replace); }) ==
          ErrorCode::OutputNotWritable);
    REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
    CHECK(code_of([&] { OutputFile(directory / "pipe", OutputFile::IfExists::Replace); }) ==
          ErrorCode::OutputNotWritable);
}

TEST_CASE("write_all__full_device__is_disk_full") {
    std::ofstream probe("/dev/full");
    REQUIRE(probe);
    const UniqueFd fd(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    CHECK(code_of([&] { write_all(fd.get(), as_bytes("x")); }) == ErrorCode::DiskFull);
}

TEST_CASE("read_small_file__longer_than_the_limit_or_missing__is_empty") {
    const TemporaryDirectory directory;
    put(directory / "f", "12345");
    CHECK(read_small_file(directory / "f", 5) == to_bytes("12345"));
    CHECK_FALSE(read_small_file(directory / "f", 4));
    CHECK_FALSE(read_small_file(directory / "none", 4));
}
