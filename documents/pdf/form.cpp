// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/form.hpp"

#include <algorithm>
#include <utility>

namespace digisign::documents {

namespace {

constexpr std::size_t field_limit = 50'000;

struct Node {
    QPDFObjectHandle dictionary;
    std::string parent_name;
    // Inheritable, see ISO 32000-1 table 220.
    QPDFObjectHandle type;
    QPDFObjectHandle value;
};

std::string full_name(const std::string& parent, QPDFObjectHandle partial) {
    QPDFObjectHandle text = partial;
    if (!text.isString())
        return parent;
    return parent.empty() ? text.getUTF8Value() : parent + '.' + text.getUTF8Value();
}

QPDFObjectHandle own_or(QPDFObjectHandle own, QPDFObjectHandle inherited) {
    return own.isNull() ? inherited : own;
}

bool has_name(PdfDocument& document, QPDFObjectHandle node) {
    return document.get(node, "/T").isString();
}

// Kids are widgets if they have no name of their own, fields otherwise.
QPDFObjectHandle only_widget(PdfDocument& document, QPDFObjectHandle field,
                             std::vector<QPDFObjectHandle> kids) {
    if (kids.size() == 1 && kids.front().isDictionary())
        return kids.front();
    if (kids.empty() && document.get(field, "/Subtype").isNameAndEquals("/Widget"))
        return field;
    return {};
}

} // namespace

Form read_form(PdfDocument& document) {
    Form form;
    form.dictionary = document.get(document.catalog(), "/AcroForm");
    if (!form.dictionary.isDictionary()) {
        if (!form.dictionary.isNull())
            throw Error(ErrorCode::PdfDamaged, "the document is damaged: its form is no dictionary");
        return form;
    }

    std::set<QPDFObjGen> visited;
    std::vector<Node> open_nodes;
    const auto push_reversed = [&](const std::vector<QPDFObjectHandle>& nodes, const Node& parent) {
        for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
            open_nodes.push_back({*node, parent.parent_name, parent.type, parent.value});
    };
    QPDFObjectHandle null = QPDFObjectHandle::newNull();
    push_reversed(document.elements(document.get_array(form.dictionary, "/Fields")), {null, "", null, null});

    std::size_t count = 0;
    while (!open_nodes.empty()) {
        Node node = std::move(open_nodes.back());
        open_nodes.pop_back();
        if (!node.dictionary.isDictionary() ||
            (node.dictionary.isIndirect() && !visited.insert(node.dictionary.getObjGen()).second))
            continue;
        if (++count > field_limit)
            throw Error(ErrorCode::PdfUnsupported, "the document's form has too many fields");

        const std::string name = full_name(node.parent_name, document.get(node.dictionary, "/T"));
        form.names.insert(name);
        node.parent_name = name;
        node.type = own_or(document.get(node.dictionary, "/FT"), node.type);
        node.value = own_or(document.get(node.dictionary, "/V"), node.value);

        const auto kids = document.elements(document.get(node.dictionary, "/Kids"));
        if (std::ranges::any_of(
                kids, [&](QPDFObjectHandle kid) { return kid.isDictionary() && has_name(document, kid); })) {
            push_reversed(kids, node);
        } else if (node.type.isNameAndEquals("/Sig")) {
            form.signature_fields.push_back({name, node.dictionary,
                                             only_widget(document, node.dictionary, kids), node.value,
                                             document.get(node.dictionary, "/Lock")});
        }
    }
    return form;
}

} // namespace digisign::documents
