// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/contract/interface_description.hpp"

#include "common/file.hpp"
#include "tests/contract/member_text.hpp"

#include <expat.h>

#include <map>
#include <memory>
#include <stdexcept>

namespace digisign::test {

namespace {

using Attributes = std::map<std::string, std::string>;

/// Follows the elements of one introspection document; see "Introspection Data Format" of the D-Bus
/// specification.
class Reader {
public:
    explicit Reader(std::string interface) : wanted_(std::move(interface)) {}

    void on_start(const std::string& element, const Attributes& attributes) {
        if (element == "interface")
            inside_ = attributes.at("name") == wanted_;
        if (!inside_)
            return;
        found_ = true;
        if (element == "method" || element == "signal" || element == "property")
            member_ = Member{.attributes = attributes};
        else if (element == "arg")
            on_argument(attributes);
        else if (element == "annotation")
            member_.annotations[attributes.at("name")] = attributes.at("value");
    }

    void on_end(const std::string& element) {
        if (!inside_)
            return;
        const Attributes& of = member_.attributes;
        const bool deprecated = annotation("org.freedesktop.DBus.Deprecated", "false") == "true";
        if (element == "method")
            members_.insert(method_text(of.at("name"), member_.in, member_.out, deprecated));
        else if (element == "signal")
            members_.insert(signal_text(of.at("name"), member_.out, deprecated));
        else if (element == "property")
            members_.insert(property_text(
                of.at("name"), of.at("type"), of.at("access"),
                annotation("org.freedesktop.DBus.Property.EmitsChangedSignal", "true"), deprecated));
        else if (element == "interface")
            inside_ = false;
    }

    const InterfaceDescription& members() const {
        if (!found_)
            throw std::runtime_error("the file does not describe " + wanted_);
        return members_;
    }

private:
    struct Member {
        Attributes attributes{};
        std::vector<Argument> in{};
        std::vector<Argument> out{};
        std::map<std::string, std::string> annotations{};
    };

    void on_argument(const Attributes& attributes) {
        const auto direction = attributes.find("direction"); // signals have none
        const bool in = direction != attributes.end() && direction->second == "in";
        (in ? member_.in : member_.out).push_back({attributes.at("type"), attributes.at("name")});
    }

    std::string annotation(const std::string& name, const std::string& fallback) const {
        const auto found = member_.annotations.find(name);
        return found != member_.annotations.end() ? found->second : fallback;
    }

    std::string wanted_;
    bool found_ = false;
    bool inside_ = false;
    Member member_;
    InterfaceDescription members_;
};

void start_element(void* reader, const XML_Char* element, const XML_Char** pairs) {
    Attributes attributes;
    for (; *pairs != nullptr; pairs += 2)
        attributes[pairs[0]] = pairs[1];
    static_cast<Reader*>(reader)->on_start(element, attributes);
}

void end_element(void* reader, const XML_Char* element) {
    static_cast<Reader*>(reader)->on_end(element);
}

} // namespace

InterfaceDescription describe_xml(const std::string& path, const std::string& interface) {
    const auto text = read_small_file(path, 1'000'000);
    if (!text)
        throw std::runtime_error("cannot read " + path);
    Reader reader(interface);
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr),
                                                                              XML_ParserFree);
    XML_SetUserData(parser.get(), &reader);
    XML_SetElementHandler(parser.get(), start_element, end_element);
    if (XML_Parse(parser.get(), to_string(*text).c_str(), static_cast<int>(text->size()), XML_TRUE) !=
        XML_STATUS_OK)
        throw std::runtime_error(path + " is no XML: " + XML_ErrorString(XML_GetErrorCode(parser.get())));
    return reader.members();
}

} // namespace digisign::test
