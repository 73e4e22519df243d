// SPDX-License-Identifier: LGPL-2.1-or-later
// A program that uses a PKCS#11 module as programs do, and prints what it cost, a word and a number in each
// line.

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pkcs11.h>

namespace {

using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration duration) {
    return std::chrono::duration<double, std::micro>(duration).count();
}

void print(const char* what, double value) {
    std::printf("%s %.1f\n", what, value);
}

void check(CK_RV rv, const char* what) {
    if (rv != CKR_OK)
        throw std::runtime_error(std::string(what) + " answers " + std::to_string(rv));
}

/// What this process alone needs: pages of libraries that others have mapped as well do not count in full.
double proportional_kb() {
    std::ifstream rollup("/proc/self/smaps_rollup");
    for (std::string line; std::getline(rollup, line);)
        if (line.rfind("Pss:", 0) == 0)
            return std::atof(line.c_str() + 4);
    return 0;
}

CK_FUNCTION_LIST* load(const char* path) {
    void* library = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        throw std::runtime_error(::dlerror());
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    CK_FUNCTION_LIST* functions = nullptr;
    check(get(&functions), "C_GetFunctionList");
    return functions;
}

std::vector<CK_SLOT_ID> slots_with_token(CK_FUNCTION_LIST& p11) {
    std::array<CK_SLOT_ID, 64> ids{};
    CK_ULONG count = ids.size();
    check(p11.C_GetSlotList(CK_TRUE, ids.data(), &count), "C_GetSlotList");
    return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count)};
}

CK_SESSION_HANDLE open_session(CK_FUNCTION_LIST& p11, CK_SLOT_ID slot) {
    CK_SESSION_HANDLE session = 0;
    check(p11.C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session), "C_OpenSession");
    return session;
}

std::vector<CK_OBJECT_HANDLE> find(CK_FUNCTION_LIST& p11, CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind) {
    CK_ATTRIBUTE wanted{CKA_CLASS, &kind, sizeof kind};
    std::array<CK_OBJECT_HANDLE, 64> handles{};
    CK_ULONG count = 0;
    check(p11.C_FindObjectsInit(session, &wanted, 1), "C_FindObjectsInit");
    check(p11.C_FindObjects(session, handles.data(), handles.size(), &count), "C_FindObjects");
    check(p11.C_FindObjectsFinal(session), "C_FindObjectsFinal");
    return {handles.begin(), handles.begin() + static_cast<std::ptrdiff_t>(count)};
}

void read_certificates(CK_FUNCTION_LIST& p11, CK_SLOT_ID slot, std::size_t& count) {
    const CK_SESSION_HANDLE session = open_session(p11, slot);
    for (const CK_OBJECT_HANDLE certificate : find(p11, session, CKO_CERTIFICATE)) {
        CK_ATTRIBUTE value{CKA_VALUE, nullptr, 0};
        check(p11.C_GetAttributeValue(session, certificate, &value, 1), "C_GetAttributeValue");
        std::vector<CK_BYTE> der(value.ulValueLen);
        value.pValue = der.data();
        check(p11.C_GetAttributeValue(session, certificate, &value, 1), "C_GetAttributeValue");
        ++count;
    }
    check(p11.C_CloseSession(session), "C_CloseSession");
}

/// From nothing to the infos of all tokens, and on to all certificates.
void start(const char* module) {
    const double before = proportional_kb();
    const auto begin = Clock::now();
    CK_FUNCTION_LIST& p11 = *load(module);
    check(p11.C_Initialize(nullptr), "C_Initialize");
    const auto initialized = Clock::now();
    const std::vector<CK_SLOT_ID> slots = slots_with_token(p11);
    for (const CK_SLOT_ID slot : slots) {
        CK_TOKEN_INFO info{};
        check(p11.C_GetTokenInfo(slot, &info), "C_GetTokenInfo");
    }
    const auto told = Clock::now();
    std::size_t certificates = 0;
    for (const CK_SLOT_ID slot : slots)
        read_certificates(p11, slot, certificates);
    const auto read = Clock::now();
    print("initialized", microseconds(initialized - begin));
    print("told", microseconds(told - begin));
    print("read", microseconds(read - begin));
    print("tokens", static_cast<double>(slots.size()));
    print("certificates", static_cast<double>(certificates));
    print("memory", proportional_kb() - before);
    check(p11.C_Finalize(nullptr), "C_Finalize");
}

class Signer {
public:
    Signer(CK_FUNCTION_LIST& p11, CK_SLOT_ID slot) : p11_(p11), session_(open_session(p11, slot)) {}

    /// Chooses the first key; the user is logged in.
    void choose_key() {
        const std::vector<CK_OBJECT_HANDLE> keys = find(p11_, session_, CKO_PRIVATE_KEY);
        if (keys.empty())
            throw std::runtime_error("there is no private key");
        key_ = keys.front();
        CK_KEY_TYPE type = 0;
        CK_ATTRIBUTE attribute{CKA_KEY_TYPE, &type, sizeof type};
        check(p11_.C_GetAttributeValue(session_, key_, &attribute, 1), "C_GetAttributeValue");
        if (type == CKK_RSA) { // DigestInfo of SHA-256
            mechanism_.mechanism = CKM_RSA_PKCS;
            data_ = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                     0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
        }
        data_.resize(data_.size() + 32, 0x5A);
    }

    double sign() {
        std::array<CK_BYTE, 512> signature{};
        CK_ULONG length = signature.size();
        const auto begin = Clock::now();
        check(p11_.C_SignInit(session_, &mechanism_, key_), "C_SignInit");
        check(p11_.C_Sign(session_, data_.data(), data_.size(), signature.data(), &length), "C_Sign");
        return microseconds(Clock::now() - begin);
    }

    CK_SESSION_HANDLE session() const { return session_; }

private:
    CK_FUNCTION_LIST& p11_;
    CK_SESSION_HANDLE session_;
    CK_OBJECT_HANDLE key_ = 0;
    CK_MECHANISM mechanism_{CKM_ECDSA, nullptr, 0};
    std::vector<CK_BYTE> data_;
};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

void sign(const char* module, const std::string& pin, int threads, int count) {
    CK_FUNCTION_LIST& p11 = *load(module);
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    check(p11.C_Initialize(&arguments), "C_Initialize");
    const CK_SLOT_ID slot = slots_with_token(p11).at(0);
    std::vector<Signer> signers;
    for (int i = 0; i < threads; ++i)
        signers.emplace_back(p11, slot);
    std::string typed = pin;
    check(p11.C_Login(signers.front().session(), CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(typed.data()),
                      typed.size()),
          "C_Login");
    for (Signer& signer : signers)
        signer.choose_key();
    (void)signers.front().sign(); // the first costs what a login leaves behind

    std::vector<std::vector<double>> times(static_cast<std::size_t>(threads));
    std::vector<std::thread> running;
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < signers.size(); ++i)
        running.emplace_back([&, i] {
            try {
                for (int n = 0; n < count; ++n)
                    times[i].push_back(signers[i].sign());
            } catch (const std::exception& error) {
                std::fprintf(stderr, "%s\n", error.what());
            }
        });
    for (std::thread& thread : running)
        thread.join();
    const double seconds = microseconds(Clock::now() - begin) / 1e6;
    std::vector<double> all;
    for (const std::vector<double>& some : times) {
        print("thread", median(some));
        all.insert(all.end(), some.begin(), some.end());
    }
    print("median", median(all));
    print("longest", all.empty() ? 0 : std::ranges::max(all));
    print("signatures", static_cast<double>(all.size()));
    print("per-second", static_cast<double>(all.size()) / seconds);
    check(p11.C_Finalize(nullptr), "C_Finalize");
}

/// A call that is forwarded but needs no card.
void random(const char* module, int count) {
    CK_FUNCTION_LIST& p11 = *load(module);
    check(p11.C_Initialize(nullptr), "C_Initialize");
    const CK_SESSION_HANDLE session = open_session(p11, slots_with_token(p11).at(0));
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
        std::array<CK_BYTE, 16> bytes{};
        const auto begin = Clock::now();
        check(p11.C_GenerateRandom(session, bytes.data(), bytes.size()), "C_GenerateRandom");
        times.push_back(microseconds(Clock::now() - begin));
    }
    print("median", median(times));
    check(p11.C_Finalize(nullptr), "C_Finalize");
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    try {
        if (arguments.size() == 2 && arguments[0] == "start")
            start(argv[2]);
        else if (arguments.size() == 5 && arguments[0] == "sign")
            sign(argv[2], arguments[2], std::stoi(arguments[3]), std::stoi(arguments[4]));
        else if (arguments.size() == 3 && arguments[0] == "random")
            random(argv[2], std::stoi(arguments[2]));
        else
            throw std::runtime_error(
                "usage: pkcs11_host start MODULE | sign MODULE PIN THREADS COUNT | random MODULE COUNT");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "pkcs11_host: %s\n", error.what());
        return 1;
    }
}
