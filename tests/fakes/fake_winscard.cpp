// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/fakes/fake_winscard.hpp"

#include <reader.h>
#include <unistd.h>
#include <winscard.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace digisign::fakes {

namespace {

using namespace std::chrono_literals;

constexpr char new_reader_notification[] = "\\\\?PnP?\\Notification";

struct Reader {
    std::shared_ptr<FakeKeys> keys;
    std::shared_ptr<FakeCard> card;
    bool mute = false;
    std::uint16_t event_count = 0;
    bool held_exclusively = false;
    bool hold_is_seen = false;
    bool foreign_transaction = false;
    SCARDHANDLE transaction = 0; ///< handle that has begun one
    bool hang = false;
};

struct Context {
    bool waiting = false;
    bool cancelled = false;
};

struct Handle {
    SCARDCONTEXT context = 0;
    std::string reader;
    std::uint16_t event_count = 0; ///< of the reader when the card was connected; 0 for a direct connection
    bool reset_pending = false;
    DWORD protocol = 0;
};

/// All of it under one lock; the functions of winscard.h at the end of this file are thin.
struct World {
    std::mutex mutex;
    std::condition_variable changed;
    bool running = false;
    unsigned long generation = 0; ///< of the service
    bool refuse_sessions = false;
    bool refuse_cards = false;
    std::map<std::string, Reader> readers;
    std::map<SCARDCONTEXT, Context> contexts;
    std::map<SCARDHANDLE, Handle> handles;
    long last_id = 0;
    std::size_t calls = 0;
    std::size_t connects = 0;
    std::size_t hanging = 0;
    std::size_t foreign_waits = 0;
    std::chrono::milliseconds monitor_timeout{0};
};

World& world() {
    static auto* instance = new World; // never destroyed: a thread left behind may still be inside
    return *instance;
}

void change(const std::function<void(World&)>& what) {
    const std::lock_guard lock(world().mutex);
    what(world());
    world().changed.notify_all();
}

Reader& reader_named(World& w, const std::string& name) {
    const auto found = w.readers.find(name);
    if (found == w.readers.end())
        throw std::logic_error("the test has no reader " + name);
    return found->second;
}

void mark_reset(World& w, const std::string& reader, SCARDHANDLE except) {
    Reader& where = w.readers.at(reader);
    if (where.card)
        where.card->reset();
    for (auto& [id, handle] : w.handles)
        if (handle.reader == reader && id != except)
            handle.reset_pending = true;
}

DWORD event_state(const Reader& reader, bool in_use) {
    DWORD state = static_cast<DWORD>(reader.event_count) << 16;
    if (reader.card || reader.mute)
        state |= SCARD_STATE_PRESENT;
    else
        state |= SCARD_STATE_EMPTY;
    if (reader.mute)
        state |= SCARD_STATE_MUTE;
    if (reader.held_exclusively && reader.hold_is_seen)
        state |= SCARD_STATE_EXCLUSIVE;
    else if (in_use && reader.card)
        state |= SCARD_STATE_INUSE;
    return state;
}

/// What pcsc-lite regards as a change: not everything that differs (see SCardGetStatusChange in
/// winscard_clnt.c).
bool differs(DWORD current, DWORD now) {
    if (current == SCARD_STATE_UNAWARE)
        return true;
    if ((current >> 16) != 0 && (current >> 16) != (now >> 16))
        return true;
    const auto gained = [&](DWORD flag) { return (current & flag) == 0 && (now & flag) != 0; };
    const auto lost = [&](DWORD flag) { return (current & flag) != 0 && (now & flag) == 0; };
    return lost(SCARD_STATE_PRESENT) || lost(SCARD_STATE_EMPTY) || lost(SCARD_STATE_EXCLUSIVE) ||
           lost(SCARD_STATE_INUSE) || gained(SCARD_STATE_MUTE) || lost(SCARD_STATE_MUTE) ||
           lost(SCARD_STATE_UNAVAILABLE);
}

LONG check_handle(World& w, SCARDHANDLE id) {
    const auto found = w.handles.find(id);
    if (found == w.handles.end())
        return SCARD_E_INVALID_HANDLE;
    if (!w.running || !w.contexts.contains(found->second.context))
        return SCARD_F_COMM_ERROR;
    const auto reader = w.readers.find(found->second.reader);
    if (reader == w.readers.end())
        return SCARD_E_READER_UNAVAILABLE;
    if (found->second.event_count != 0 && found->second.event_count != reader->second.event_count)
        return SCARD_W_REMOVED_CARD;
    if (found->second.reset_pending)
        return SCARD_W_RESET_CARD;
    return SCARD_S_SUCCESS;
}

bool in_use(const World& w, const std::string& reader) {
    return std::ranges::any_of(w.handles, [&](const auto& h) { return h.second.reader == reader; });
}

/// Fills in dwEventState; true if one of them has changed.
bool look(World& w, SCARD_READERSTATE* states, DWORD count, std::size_t readers_before) {
    bool changed = false;
    for (DWORD i = 0; i < count; ++i) {
        SCARD_READERSTATE& state = states[i];
        bool this_changed = false;
        if (std::strcmp(state.szReader, new_reader_notification) == 0) {
            state.dwEventState = 0;
            this_changed = w.readers.size() != readers_before;
        } else if (const auto reader = w.readers.find(state.szReader); reader == w.readers.end()) {
            state.dwEventState = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE;
            this_changed = (state.dwCurrentState & SCARD_STATE_UNKNOWN) == 0;
        } else {
            state.dwEventState = event_state(reader->second, in_use(w, state.szReader));
            this_changed = differs(state.dwCurrentState, state.dwEventState);
        }
        if (this_changed)
            state.dwEventState |= SCARD_STATE_CHANGED;
        changed = changed || this_changed;
    }
    return changed;
}

template <class Value>
Value ask(Value World::*what) {
    const std::lock_guard lock(world().mutex);
    return world().*what;
}

} // namespace

FakeWinscard& FakeWinscard::instance() {
    static FakeWinscard fake;
    return fake;
}

FakeWinscard::FakeWinscard() {
    char directory[] = "/tmp/digisign-fake-pcscd-XXXXXX";
    if (!::mkdtemp(directory))
        throw std::runtime_error("no temporary directory");
    socket_path_ = std::string(directory) + "/pcscd.comm";
}

FakeWinscard::~FakeWinscard() {
    std::error_code ignored; // a left-over directory in /tmp is no reason to fail
    std::filesystem::remove_all(std::filesystem::path(socket_path_).parent_path(), ignored);
}

void FakeWinscard::clear() {
    change([](World& w) {
        w.running = false;
        w.refuse_sessions = w.refuse_cards = false;
        w.readers.clear();
        w.handles.clear();
        w.monitor_timeout = 0ms;
    });
    (void)::unlink(socket_path_.c_str());
}

void FakeWinscard::start_service() {
    change([](World& w) { w.running = true; });
    (void)::unlink(socket_path_.c_str()); // left behind by a killed one
    std::ofstream(socket_path_).put('\n');
}

void FakeWinscard::stop_service(bool leave_socket) {
    change([](World& w) {
        w.running = false;
        ++w.generation;
        w.handles.clear();
    });
    if (!leave_socket)
        (void)::unlink(socket_path_.c_str());
}

void FakeWinscard::refuse_sessions(bool refuse) {
    change([=](World& w) { w.refuse_sessions = refuse; });
}

void FakeWinscard::refuse_cards(bool refuse) {
    change([=](World& w) { w.refuse_cards = refuse; });
}

void FakeWinscard::plug_reader(const std::string& reader, std::shared_ptr<FakeKeys> keys) {
    change([&](World& w) { w.readers[reader].keys = keys; });
}

void FakeWinscard::unplug_reader(const std::string& reader) {
    change([&](World& w) { w.readers.erase(reader); });
}

void FakeWinscard::insert_card(const std::string& reader, std::shared_ptr<FakeCard> card) {
    change([&](World& w) {
        Reader& where = reader_named(w, reader);
        where.card = card;
        where.card->reset();
        ++where.event_count;
    });
}

void FakeWinscard::remove_card(const std::string& reader) {
    change([&](World& w) {
        Reader& where = reader_named(w, reader);
        where.card.reset();
        where.mute = false;
        ++where.event_count;
    });
}

void FakeWinscard::exchange_card(const std::string& reader, std::shared_ptr<FakeCard> card) {
    change([&](World& w) {
        Reader& where = reader_named(w, reader);
        where.card = card;
        where.card->reset();
        where.event_count = static_cast<std::uint16_t>(where.event_count + 2);
    });
}

void FakeWinscard::insert_mute_card(const std::string& reader) {
    change([&](World& w) {
        Reader& where = reader_named(w, reader);
        where.mute = true;
        ++where.event_count;
    });
}

void FakeWinscard::reset_card(const std::string& reader) {
    change([&](World& w) { mark_reset(w, reader, 0); });
}

void FakeWinscard::hold_exclusively(const std::string& reader) {
    change([&](World& w) {
        Reader& where = reader_named(w, reader);
        where.held_exclusively = where.hold_is_seen = true;
    });
}

void FakeWinscard::hold_exclusively_unseen(const std::string& reader) {
    change([&](World& w) { reader_named(w, reader).held_exclusively = true; });
}

void FakeWinscard::release_exclusive(const std::string& reader) {
    change([&](World& w) {
        Reader& where = reader_named(w, reader);
        where.held_exclusively = where.hold_is_seen = false;
    });
}

void FakeWinscard::begin_foreign_transaction(const std::string& reader) {
    change([&](World& w) { reader_named(w, reader).foreign_transaction = true; });
}

void FakeWinscard::end_foreign_transaction(const std::string& reader) {
    change([&](World& w) { reader_named(w, reader).foreign_transaction = false; });
}

void FakeWinscard::hang_transmit(const std::string& reader) {
    change([&](World& w) { reader_named(w, reader).hang = true; });
}

void FakeWinscard::resume_transmit(const std::string& reader) {
    change([&](World& w) { reader_named(w, reader).hang = false; });
}

std::size_t FakeWinscard::calls() const {
    return ask(&World::calls);
}

std::size_t FakeWinscard::contexts() const {
    const std::lock_guard lock(world().mutex);
    return world().contexts.size();
}

std::size_t FakeWinscard::transactions() const {
    const std::lock_guard lock(world().mutex);
    const World& w = world();
    return static_cast<std::size_t>(std::ranges::count_if(
        w.readers, [&](const auto& reader) { return w.handles.contains(reader.second.transaction); }));
}

std::size_t FakeWinscard::connections() const {
    const std::lock_guard lock(world().mutex);
    return world().handles.size();
}

std::size_t FakeWinscard::connects() const {
    return ask(&World::connects);
}

std::size_t FakeWinscard::hanging() const {
    return ask(&World::hanging);
}

std::size_t FakeWinscard::foreign_waits() const {
    return ask(&World::foreign_waits);
}

std::chrono::milliseconds FakeWinscard::monitor_timeout() const {
    return ask(&World::monitor_timeout);
}

namespace {

/// The lock every call takes, and its count.
std::unique_lock<std::mutex> enter() {
    std::unique_lock lock(world().mutex);
    ++world().calls;
    return lock;
}

LONG transmit(SCARDHANDLE id, ByteView command, std::span<BYTE> answer, DWORD& length) {
    auto lock = enter();
    World& w = world();
    if (const LONG result = check_handle(w, id); result != SCARD_S_SUCCESS)
        return result;
    const std::string name = w.handles.at(id).reader;
    const std::uint16_t event_count = w.readers.at(name).event_count;
    const std::shared_ptr<FakeCard> card = w.readers.at(name).card;

    lock.unlock();
    Bytes response;
    try {
        response = card->transmit(command);
    } catch (const FailedExchange& failure) {
        return failure.result;
    }
    lock.lock();

    const auto hangs = [&] { return w.readers.contains(name) && w.readers.at(name).hang; };
    if (hangs()) {
        ++w.hanging;
        w.changed.wait(lock, [&] { return !hangs(); });
        --w.hanging;
    }
    if (!w.running)
        return SCARD_F_COMM_ERROR;
    if (!w.readers.contains(name))
        return SCARD_E_READER_UNAVAILABLE;
    if (w.readers.at(name).event_count != event_count) {
        length = 0; // vpcd's way
        return SCARD_S_SUCCESS;
    }
    if (response.size() > answer.size())
        return SCARD_E_INSUFFICIENT_BUFFER;
    std::ranges::copy(response, answer.begin());
    length = response.size();
    explicit_bzero(response.data(), response.size()); // it may be what a test looks for in memory
    return SCARD_S_SUCCESS;
}

/// Each driver has codes of its own.
constexpr DWORD control_code(std::uint8_t feature) {
    return SCARD_CTL_CODE(0x700u + feature);
}

Bytes features(const FakeKeys& keys) {
    Bytes list;
    const auto add = [&](std::uint8_t feature) {
        const DWORD code = control_code(feature);
        append(list,
               Bytes{feature, 4, static_cast<std::uint8_t>(code >> 24), static_cast<std::uint8_t>(code >> 16),
                     static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code)});
    };
    add(FEATURE_MCT_READER_DIRECT);
    if (keys.verify)
        add(FEATURE_VERIFY_PIN_DIRECT);
    if (keys.modify)
        add(FEATURE_MODIFY_PIN_DIRECT);
    if (keys.tells == FakeKeys::Tells::Tlv)
        add(FEATURE_GET_TLV_PROPERTIES);
    if (keys.tells == FakeKeys::Tells::Structure)
        add(FEATURE_IFD_PIN_PROPERTIES);
    return list;
}

Bytes properties(const FakeKeys& keys) {
    const auto layout = static_cast<std::uint8_t>(keys.has_display ? 16 : 0);
    if (keys.tells == FakeKeys::Tells::Structure)
        return {layout, layout, keys.limits.entry_conditions, 0};
    return {PCSCv2_PART10_PROPERTY_wLcdLayout,
            2,
            layout,
            layout,
            PCSCv2_PART10_PROPERTY_bEntryValidationCondition,
            1,
            keys.limits.entry_conditions,
            PCSCv2_PART10_PROPERTY_bTimeOut2,
            1,
            0,
            PCSCv2_PART10_PROPERTY_bMinPINSize,
            1,
            keys.limits.min_length,
            PCSCv2_PART10_PROPERTY_bMaxPINSize,
            1,
            keys.limits.max_length};
}

/// Takes a PIN and sends the command that comes of it.
LONG enter_pin(SCARDHANDLE id, FakeKeys& keys, const pin_pad_reader::PinEntry& entry, std::span<BYTE> answer,
               DWORD& length) {
    ++keys.entries;
    const FakeKeys::Typed typed = keys.type(entry);
    if (const auto* result = std::get_if<long>(&typed))
        return *result;
    const auto give = [&](std::uint16_t word) {
        answer[0] = static_cast<std::uint8_t>(word >> 8);
        answer[1] = static_cast<std::uint8_t>(word & 0xFF);
        length = 2;
        return SCARD_S_SUCCESS;
    };
    if (const auto* word = std::get_if<std::uint16_t>(&typed))
        return give(*word);
    const auto command = pin_pad_reader::complete_command(entry, std::get<std::vector<std::string>>(typed));
    if (const auto* word = std::get_if<std::uint16_t>(&command))
        return give(*word);
    return transmit(id, std::get<Bytes>(command), answer, length);
}

LONG control(SCARDHANDLE id, DWORD code, ByteView data, std::span<BYTE> answer, DWORD& length) {
    std::shared_ptr<FakeKeys> keys;
    {
        const auto lock = enter();
        if (const LONG result = check_handle(world(), id); result != SCARD_S_SUCCESS)
            return result;
        keys = world().readers.at(world().handles.at(id).reader).keys;
    }
    const auto give = [&](const Bytes& bytes) {
        if (answer.size() < bytes.size())
            return SCARD_E_INSUFFICIENT_BUFFER;
        std::ranges::copy(bytes, answer.begin());
        length = bytes.size();
        return SCARD_S_SUCCESS;
    };
    if (code == CM_IOCTL_GET_FEATURE_REQUEST)
        return give(keys ? features(*keys) : Bytes{FEATURE_MCT_READER_DIRECT, 4, 0x42, 0, 0, 1});
    if (!keys)
        return SCARD_E_UNSUPPORTED_FEATURE;
    try {
        if (code == control_code(FEATURE_VERIFY_PIN_DIRECT) && keys->verify)
            return enter_pin(id, *keys, pin_pad_reader::read_verify_structure(data, keys->limits), answer,
                             length);
        if (code == control_code(FEATURE_MODIFY_PIN_DIRECT) && keys->modify)
            return enter_pin(id, *keys, pin_pad_reader::read_modify_structure(data, keys->limits), answer,
                             length);
    } catch (const pin_pad_reader::InvalidParameter&) {
        return give({0x6B, 0x80});
    }
    if (code == control_code(FEATURE_GET_TLV_PROPERTIES) || code == control_code(FEATURE_IFD_PIN_PROPERTIES))
        return give(properties(*keys));
    return SCARD_E_UNSUPPORTED_FEATURE;
}

LONG connect(SCARDCONTEXT context, const std::string& name, DWORD mode, SCARDHANDLE& id, DWORD& protocol) {
    const auto lock = enter();
    World& w = world();
    if (!w.contexts.contains(context))
        return SCARD_E_INVALID_HANDLE;
    if (!w.running)
        return SCARD_F_COMM_ERROR;
    const auto found = w.readers.find(name);
    if (found == w.readers.end())
        return SCARD_E_UNKNOWN_READER;
    const Reader& reader = found->second;
    const bool direct = mode == SCARD_SHARE_DIRECT;
    if (w.refuse_cards && !direct) {
        w.contexts.erase(context); // pcscd closes the connection
        return SCARD_W_SECURITY_VIOLATION;
    }
    if (reader.held_exclusively)
        return SCARD_E_SHARING_VIOLATION;
    if (!direct && reader.mute)
        return SCARD_W_UNRESPONSIVE_CARD;
    if (!direct && !reader.card)
        return SCARD_E_NO_SMARTCARD;
    id = ++w.last_id;
    ++w.connects;
    protocol = direct                                          ? SCARD_PROTOCOL_UNDEFINED
               : reader.card->protocol() == card::Protocol::T0 ? SCARD_PROTOCOL_T0
                                                               : SCARD_PROTOCOL_T1;
    w.handles[id] = {context, name, direct ? std::uint16_t{0} : reader.event_count, false, protocol};
    w.changed.notify_all();
    return SCARD_S_SUCCESS;
}

LONG wait_for_change(SCARDCONTEXT id, std::chrono::milliseconds timeout, SCARD_READERSTATE* states,
                     DWORD count) {
    auto lock = enter();
    World& w = world();
    if (!w.contexts.contains(id))
        return SCARD_E_INVALID_HANDLE;
    if (!w.running)
        return SCARD_F_COMM_ERROR;
    bool watches_readers = false;
    for (DWORD i = 0; i < count; ++i) {
        const std::string name = states[i].szReader;
        watches_readers = watches_readers || name == new_reader_notification;
        if (name != new_reader_notification && !w.readers.contains(name))
            return SCARD_E_UNKNOWN_READER;
    }
    const std::size_t readers_before = w.readers.size();
    const unsigned long generation = w.generation;
    if (look(w, states, count, readers_before))
        return SCARD_S_SUCCESS;

    w.contexts[id].waiting = true;
    if (watches_readers)
        w.monitor_timeout = timeout;
    w.changed.notify_all();
    const bool woken = w.changed.wait_for(lock, timeout, [&] {
        return w.contexts[id].cancelled || w.generation != generation ||
               look(w, states, count, readers_before);
    });
    if (watches_readers)
        w.monitor_timeout = 0ms;
    w.contexts[id].waiting = false;
    if (std::exchange(w.contexts[id].cancelled, false))
        return SCARD_E_CANCELLED;
    if (w.generation != generation)
        return SCARD_F_COMM_ERROR;
    return woken ? SCARD_S_SUCCESS : SCARD_E_TIMEOUT;
}

} // namespace

} // namespace digisign::fakes

using namespace digisign;
using namespace digisign::fakes;

extern "C" {

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

LONG SCardEstablishContext(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT context) {
    const auto lock = enter();
    World& w = world();
    if (!w.running)
        return SCARD_E_NO_SERVICE;
    if (w.refuse_sessions)
        return SCARD_W_SECURITY_VIOLATION;
    *context = ++w.last_id;
    w.contexts[*context] = {};
    return SCARD_S_SUCCESS;
}

LONG SCardReleaseContext(SCARDCONTEXT context) {
    const auto lock = enter();
    if (world().contexts.erase(context) == 0)
        return SCARD_E_INVALID_HANDLE;
    std::erase_if(world().handles,
                  [context](const auto& handle) { return handle.second.context == context; });
    return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR, LPSTR names, LPDWORD length) {
    const auto lock = enter();
    if (!world().contexts.contains(context))
        return SCARD_E_INVALID_HANDLE;
    if (!world().running)
        return SCARD_F_COMM_ERROR;
    if (world().readers.empty())
        return SCARD_E_NO_READERS_AVAILABLE;
    std::string list;
    for (const auto& [name, reader] : world().readers)
        list += name + '\0';
    list += '\0';
    const DWORD room = std::exchange(*length, list.size());
    if (!names)
        return SCARD_S_SUCCESS;
    if (room < list.size())
        return SCARD_E_INSUFFICIENT_BUFFER;
    std::ranges::copy(list, names);
    return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE* states, DWORD count) {
    return wait_for_change(context, std::chrono::milliseconds(timeout), states, count);
}

LONG SCardCancel(SCARDCONTEXT context) {
    const auto lock = enter();
    const auto found = world().contexts.find(context);
    if (found == world().contexts.end())
        return SCARD_E_INVALID_HANDLE;
    if (found->second.waiting) // else it is lost, as in pcsc-lite
        found->second.cancelled = true;
    world().changed.notify_all();
    return SCARD_S_SUCCESS;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD mode, DWORD, LPSCARDHANDLE handle,
                  LPDWORD protocol) {
    return connect(context, reader, mode, *handle, *protocol);
}

LONG SCardReconnect(SCARDHANDLE id, DWORD, DWORD, DWORD, LPDWORD protocol) {
    const auto lock = enter();
    const LONG result = check_handle(world(), id);
    if (result != SCARD_S_SUCCESS && result != SCARD_W_RESET_CARD)
        return result;
    world().handles.at(id).reset_pending = false;
    *protocol = world().handles.at(id).protocol;
    return SCARD_S_SUCCESS;
}

LONG SCardDisconnect(SCARDHANDLE id, DWORD disposition) {
    const auto lock = enter();
    World& w = world();
    const auto found = w.handles.find(id);
    if (found == w.handles.end())
        return SCARD_E_INVALID_HANDLE;
    if (w.readers.contains(found->second.reader)) {
        Reader& reader = w.readers.at(found->second.reader);
        if (reader.transaction == id)
            reader.transaction = 0;
        if (disposition == SCARD_RESET_CARD)
            mark_reset(w, found->second.reader, id);
    }
    w.handles.erase(found);
    w.changed.notify_all();
    return SCARD_S_SUCCESS;
}

LONG SCardBeginTransaction(SCARDHANDLE id) {
    auto lock = enter();
    World& w = world();
    const auto held = [&] {
        if (check_handle(w, id) != SCARD_S_SUCCESS)
            return false;
        const Reader& reader = w.readers.at(w.handles.at(id).reader);
        return reader.foreign_transaction ||
               (reader.transaction != id && w.handles.contains(reader.transaction));
    };
    if (held()) {
        ++w.foreign_waits;
        w.changed.wait(lock, [&] { return !held(); });
        --w.foreign_waits;
    }
    if (const LONG result = check_handle(w, id); result != SCARD_S_SUCCESS)
        return result;
    w.readers.at(w.handles.at(id).reader).transaction = id;
    return SCARD_S_SUCCESS;
}

LONG SCardEndTransaction(SCARDHANDLE id, DWORD disposition) {
    const auto lock = enter();
    World& w = world();
    const LONG result = check_handle(w, id);
    if (result != SCARD_S_SUCCESS)
        return result;
    const std::string name = w.handles.at(id).reader;
    w.readers.at(name).transaction = 0;
    if (disposition == SCARD_RESET_CARD)
        mark_reset(w, name, id);
    w.changed.notify_all();
    return SCARD_S_SUCCESS;
}

LONG SCardStatus(SCARDHANDLE id, LPSTR, LPDWORD, LPDWORD state, LPDWORD protocol, LPBYTE atr,
                 LPDWORD atr_length) {
    const auto lock = enter();
    World& w = world();
    if (const LONG result = check_handle(w, id); result != SCARD_S_SUCCESS)
        return result;
    const Bytes answer_to_reset = w.readers.at(w.handles.at(id).reader).card->atr();
    if (*atr_length < answer_to_reset.size())
        return SCARD_E_INSUFFICIENT_BUFFER;
    std::ranges::copy(answer_to_reset, atr);
    *atr_length = answer_to_reset.size();
    *state = SCARD_PRESENT;
    *protocol = w.handles.at(id).protocol;
    return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST*, LPCBYTE command, DWORD command_length,
                   SCARD_IO_REQUEST*, LPBYTE answer, LPDWORD answer_length) {
    return transmit(handle, {command, command_length}, {answer, *answer_length}, *answer_length);
}

LONG SCardControl(SCARDHANDLE handle, DWORD code, LPCVOID data, DWORD data_length, LPVOID answer,
                  DWORD answer_size, LPDWORD length) {
    return control(handle, code, {static_cast<const BYTE*>(data), data_length},
                   {static_cast<BYTE*>(answer), answer_size}, *length);
}

const char* pcsc_stringify_error(const LONG) {
    return "an error of the fake service";
}

} // extern "C"
