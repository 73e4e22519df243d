// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/pkcs11/host.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace digisign::test {

namespace {

const char* module_path() {
    const char* path = std::getenv("DIGISIGN_PKCS11_MODULE");
    if (path == nullptr)
        throw std::runtime_error("this program is run by in_rig.py");
    return path;
}

} // namespace

std::string text_of(CK_RV value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%08lX", value);
    return text;
}

void must(CK_RV value, const char* what) {
    if (value != CKR_OK)
        throw std::runtime_error(std::string(what) + " answers " + text_of(value));
}

Library::Library() : handle_(::dlopen(module_path(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr)
        throw std::runtime_error(::dlerror());
    const auto get_interface = reinterpret_cast<CK_C_GetInterface>(::dlsym(handle_, "C_GetInterface"));
    CK_VERSION version{3, 0};
    CK_INTERFACE* interface = nullptr;
    must(get_interface(nullptr, &version, &interface, 0), "C_GetInterface");
    functions_ = static_cast<const CK_FUNCTION_LIST_3_0*>(interface->pFunctionList);
}

Library::~Library() {
    ::dlclose(handle_);
}

bool Library::is_loaded() {
    void* handle = ::dlopen(module_path(), RTLD_NOW | RTLD_NOLOAD);
    if (handle == nullptr)
        return false;
    ::dlclose(handle);
    return true;
}

Host::Host() {
    must(library_->C_Initialize(nullptr), "C_Initialize");
}

Host::~Host() {
    (void)library_->C_Finalize(nullptr);
} // a test may have done it already

std::vector<CK_SLOT_ID> Host::slots(bool with_token) const {
    std::vector<CK_SLOT_ID> ids(64);
    CK_ULONG count = ids.size();
    must(library_->C_GetSlotList(with_token ? CK_TRUE : CK_FALSE, ids.data(), &count), "C_GetSlotList");
    ids.resize(count);
    return ids;
}

CK_SLOT_ID Host::slot() const {
    for (const CK_SLOT_ID id : slots(/*with_token=*/true)) {
        CK_TOKEN_INFO info{};
        must(library_->C_GetTokenInfo(id, &info), "C_GetTokenInfo");
        const std::string label(reinterpret_cast<const char*>(info.label), sizeof info.label);
        if (label.find("(PIN1)") != std::string::npos)
            return id;
    }
    throw std::runtime_error("there is no slot with PIN 1");
}

CK_SESSION_HANDLE Host::open_session(CK_SLOT_ID slot) const {
    CK_SESSION_HANDLE session = 0;
    must(library_->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session),
         "C_OpenSession");
    return session;
}

CK_RV Host::log_in(CK_SESSION_HANDLE session, std::string_view pin, CK_USER_TYPE user) const {
    std::string copy(pin); // the function takes what it could write to
    return library_->C_Login(session, user, reinterpret_cast<CK_UTF8CHAR*>(copy.data()), copy.size());
}

CK_OBJECT_HANDLE Host::find(CK_SESSION_HANDLE session, std::vector<CK_ATTRIBUTE> wanted) const {
    must(library_->C_FindObjectsInit(session, wanted.data(), wanted.size()), "C_FindObjectsInit");
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG count = 0;
    must(library_->C_FindObjects(session, &object, 1, &count), "C_FindObjects");
    must(library_->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    return count == 0 ? 0 : object;
}

CK_OBJECT_HANDLE Host::find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind) const {
    return find(session, {{CKA_CLASS, &kind, sizeof kind}});
}

CK_OBJECT_HANDLE Host::find_key(CK_SESSION_HANDLE session, CK_OBJECT_CLASS kind, CK_KEY_TYPE type) const {
    return find(session, {{CKA_CLASS, &kind, sizeof kind}, {CKA_KEY_TYPE, &type, sizeof type}});
}

Bytes Host::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    must(library_->C_GetAttributeValue(session, object, &wanted, 1), "C_GetAttributeValue");
    Bytes value(wanted.ulValueLen);
    wanted.pValue = value.data();
    must(library_->C_GetAttributeValue(session, object, &wanted, 1), "C_GetAttributeValue");
    return value;
}

CK_RV Host::sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, Bytes digest, Bytes& signature) const {
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    const CK_RV begun = library_->C_SignInit(session, &mechanism, key);
    if (begun != CKR_OK)
        return begun;
    signature.resize(64);
    CK_ULONG length = signature.size();
    return library_->C_Sign(session, digest.data(), digest.size(), signature.data(), &length);
}

} // namespace digisign::test
