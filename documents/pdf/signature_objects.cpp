// SPDX-License-Identifier: LGPL-2.1-or-later

#include "documents/pdf/signature_objects.hpp"

#include "documents/pdf/text_string.hpp"

namespace digisign::documents {

namespace {

using Object = QPDFObjectHandle;

// Annotation flags of ISO 32000-1 table 165: Print, as PDF/A demands of every annotation, and Locked.
constexpr long long print_and_locked = 4 + 128;
// Signature flags of ISO 32000-1 table 219: SignaturesExist and AppendOnly.
constexpr long long signatures_exist_append_only = 1 + 2;

void set_text(Object& dictionary, const char* key, const std::string& utf8, const char* what) {
    if (!utf8.empty())
        dictionary.replaceKey(key, Object::newString(pdf_text_string(utf8, what)));
}

// A lock on the field becomes a transform of the signature that is put there (ISO 32000-1 section 12.7.4.5).
Object field_mdp_reference(PdfDocument& document, Object lock) {
    Object parameters = lock.shallowCopy();
    parameters.replaceKey("/Type", Object::newName("/TransformParams"));
    parameters.replaceKey("/V", Object::newName("/1.2"));
    Object reference = Object::parse("<< /Type /SigRef /TransformMethod /FieldMDP >>");
    reference.replaceKey("/TransformParams", parameters);
    reference.replaceKey("/Data", document.catalog());
    return reference;
}

// ISO 32000-1 table 252 as EN 319 142-1 section 6.3 profiles it.
Object signature_dictionary(PdfDocument& document, const FieldChoice& choice, const PdfSignOptions& options) {
    Object signature =
        Object::parse("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached >>");
    signature.replaceKey("/M", Object::newString(pdf_date(options.signing_time)));
    set_text(signature, "/Name", options.name, "name");
    set_text(signature, "/Reason", options.reason, "reason");
    set_text(signature, "/Location", options.location, "location");
    set_text(signature, "/ContactInfo", options.contact, "contact");
    if (choice.existing) {
        Object lock = choice.existing->lock;
        if (lock.isDictionary())
            signature.replaceKey("/Reference", Object::newArray({field_mdp_reference(document, lock)}));
    }
    return signature;
}

// Even a signature without any looks needs an appearance: PDF/A-1 section 6.9.
Object empty_appearance(Revision& revision, const std::string& bounding_box) {
    Object form =
        Object::parse("<< /Type /XObject /Subtype /Form /Resources << >> /BBox " + bounding_box + " >>");
    Object appearance = Object::newDictionary();
    appearance.replaceKey("/N", revision.add_stream(form, ""));
    return appearance;
}

void set_widget(PdfDocument& document, Revision& revision, Object widget) {
    Object flags = document.get(widget, "/F");
    const long long old_flags = flags.isInteger() ? flags.getIntValue() : 0;
    widget.replaceKey("/F", Object::newInteger(old_flags | print_and_locked));

    std::string bounding_box = "[ 0 0 0 0 ]";
    Object rectangle = document.get(widget, "/Rect");
    if (rectangle.isRectangle()) {
        const Object::Rectangle corners = rectangle.getArrayAsRectangle();
        bounding_box =
            Object(Object::newFromRectangle({0, 0, corners.urx - corners.llx, corners.ury - corners.lly}))
                .unparse();
    }
    widget.replaceKey("/AP", empty_appearance(revision, bounding_box));
}

// Appends to an array where it stands: an indirect one stays indirect (Acrobat takes a change of that for
// tampering).
void append_to_array(PdfDocument& document, Revision& revision, Object owner, Object changed_with_owner,
                     const char* key, Object item) {
    Object array = document.get_array(owner, key);
    if (array.isArray()) {
        array.appendItem(item);
        revision.change(array.isIndirect() ? array : changed_with_owner);
        return;
    }
    owner.replaceKey(key, Object::newArray({item}));
    revision.change(changed_with_owner);
}

// The field and its annotation in one, without extent on the page.
Object add_invisible_field(PdfDocument& document, Revision& revision, const std::string& name, Object page) {
    Object field = Object::parse("<< /Type /Annot /Subtype /Widget /FT /Sig /Rect [ 0 0 0 0 ] >>");
    field.replaceKey("/T", Object::newString(pdf_text_string(name, "field name")));
    field.replaceKey("/P", page);
    set_widget(document, revision, field);
    Object reference = revision.add(field);
    append_to_array(document, revision, page, page, "/Annots", reference);
    return reference;
}

struct FormPlace {
    Object dictionary;
    Object container; ///< the indirect object that is written again when the form's dictionary changes
};

FormPlace form_of(PdfDocument& document, Revision& revision, const Form& form) {
    Object catalog = document.catalog();
    Object dictionary = form.dictionary;
    if (dictionary.isDictionary())
        return {dictionary, dictionary.isIndirect() ? dictionary : catalog};
    Object created = revision.add(Object::newDictionary());
    catalog.replaceKey("/AcroForm", created);
    revision.change(catalog);
    return {created, created};
}

} // namespace

void add_signature_objects(PdfDocument& document, Revision& revision, const Form& form,
                           const FieldChoice& choice, const PdfSignOptions& options) {
    const FormPlace place = form_of(document, revision, form);
    Object signature = revision.add_signature(signature_dictionary(document, choice, options));

    Object field;
    if (choice.existing) {
        field = choice.existing->dictionary;
        Object widget = choice.existing->widget;
        set_widget(document, revision, widget);
        revision.change(widget);
        revision.change(field);
    } else {
        field = add_invisible_field(document, revision, choice.name, choice.page);
        append_to_array(document, revision, place.dictionary, place.container, "/Fields", field);
    }
    field.replaceKey("/V", signature);

    Object flags = document.get(place.dictionary, "/SigFlags");
    const long long old_flags = flags.isInteger() ? flags.getIntValue() : 0;
    if ((old_flags & signatures_exist_append_only) != signatures_exist_append_only) {
        Object dictionary = place.dictionary;
        dictionary.replaceKey("/SigFlags", Object::newInteger(old_flags | signatures_exist_append_only));
        revision.change(place.container);
    }
}

} // namespace digisign::documents
