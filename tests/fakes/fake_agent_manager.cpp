// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/fakes/fake_agent_manager.hpp"

#include "common/names.hpp"
#include "common/runtime_dir.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

namespace digisign::test {

namespace {

constexpr std::string_view doing = "the fake private socket failed";

void must(int result) {
    sdbus::check(result, doing);
}

UniqueFd listen_on(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener ||
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.get(), 1) != 0)
        throw error_from_errno(errno, doing);
    return listener;
}

} // namespace

struct FakeAgentManager::Question {
    std::promise<Answer> promise;
    sdbus::SlotPtr slot;
};

FakeAgentManager::FakeAgentManager() {
    directory_ = (std::filesystem::temp_directory_path() / "digisign-test.XXXXXX").string();
    if (::mkdtemp(directory_.data()) == nullptr)
        throw error_from_errno(errno, doing);
    must(::setenv("XDG_RUNTIME_DIR", directory_.c_str(), /* overwrite= */ 1) == 0 ? 0 : -errno);
    std::filesystem::create_directory(directory_ + "/digisign");
    listener_ = listen_on(private_socket_path());
    sd_event_source* source = nullptr;
    must(sd_event_add_io(loop_.handle(), &source, listener_.get(), EPOLLIN, on_connection, this));
    listening_.reset(source);
    thread_ = std::thread([this] { loop_.run(); });
}

FakeAgentManager::~FakeAgentManager() {
    loop_.post([this] { loop_.quit(); });
    thread_.join();
    std::filesystem::remove_all(directory_);
}

int FakeAgentManager::on_connection(sd_event_source*, int fd, std::uint32_t, void* userdata) {
    static constexpr sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("RegisterAgent", "oa{sv}", "s", method_register_agent, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
    };
    auto* self = static_cast<FakeAgentManager*>(userdata);
    UniqueFd connection(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    sd_bus* bus = nullptr;
    must(sd_bus_new(&bus));
    self->bus_.reset(bus);
    must(sd_bus_set_fd(bus, connection.get(), connection.get()));
    (void)connection.release(); // sd-bus owns it from here
    sd_id128_t server_id;
    must(sd_id128_randomize(&server_id));
    must(sd_bus_set_server(bus, 1, server_id));
    must(sd_bus_start(bus));
    must(sd_bus_attach_event(bus, self->loop_.handle(), SD_EVENT_PRIORITY_NORMAL));
    must(sd_bus_add_object_vtable(bus, nullptr, names::daemon_root, names::agent_manager_interface, vtable,
                                  self));
    return 0;
}

int FakeAgentManager::method_register_agent(sd_bus_message* message, void* userdata, sd_bus_error*) {
    auto* self = static_cast<FakeAgentManager*>(userdata);
    const char* path = nullptr;
    const char* option = nullptr;
    int value = 0;
    must(sd_bus_message_read(message, "o", &path));
    self->agent_path_ = path;
    must(sd_bus_message_enter_container(message, 'a', "{sv}"));
    while (sd_bus_message_read(message, "{sv}", &option, "b", &value) > 0)
        if (std::string_view(option) == "interactive")
            self->interactive_ = value != 0;
    must(sd_bus_message_exit_container(message));
    return sd_bus_reply_method_return(message, "s", agent_id);
}

std::future<FakeAgentManager::Answer>
FakeAgentManager::ask(const std::string& member, std::function<void(sd_bus_message*)> append_arguments) {
    auto question = std::make_shared<Question>();
    loop_.post([this, question, member, append_arguments = std::move(append_arguments)] {
        sd_bus_message* call = nullptr;
        must(sd_bus_message_new_method_call(bus_.get(), &call, nullptr, agent_path_.c_str(),
                                            names::agent_interface, member.c_str()));
        const sdbus::MessagePtr owned(call);
        append_arguments(call);
        sd_bus_slot* slot = nullptr;
        auto* kept = new std::shared_ptr<Question>(question); // until on_answer()
        must(sd_bus_call_async(bus_.get(), &slot, call, on_answer, kept, UINT64_MAX));
        question->slot.reset(slot);
    });
    return question->promise.get_future();
}

int FakeAgentManager::on_answer(sd_bus_message* message, void* userdata, sd_bus_error*) {
    const std::unique_ptr<std::shared_ptr<Question>> question(
        static_cast<std::shared_ptr<Question>*>(userdata));
    Answer answer;
    const void* pin = nullptr;
    std::size_t size = 0;
    int agreed = 0;
    const std::string_view signature = sd_bus_message_get_signature(message, /* complete= */ 1);
    if (const sd_bus_error* error = sd_bus_message_get_error(message)) {
        answer.error = error->name;
    } else if (signature == "ay") {
        must(sd_bus_message_read_array(message, 'y', &pin, &size));
        answer.pin.assign(static_cast<const char*>(pin), size);
    } else if (signature == "b") {
        must(sd_bus_message_read(message, "b", &agreed));
        answer.agreed = agreed != 0;
    }
    (*question)->promise.set_value(std::move(answer));
    return 0;
}

} // namespace digisign::test
