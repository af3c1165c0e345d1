#include "domain/concepts.h"

#include "domain/json_check.h"

#include <boost/json/value.hpp>

#include <algorithm>

namespace carevoice::domain {

namespace {

constexpr std::string_view file = "protocols/concepts.json";

Concept read_concept(data::Entry& entry) {
    Concept found;
    found.id = entry.text("id");
    const auto type = parse_alert_type(entry.text("type"));
    if (!type) entry.fail("\"type\" is no type of alert");
    found.type = *type;
    const auto severity = parse_severity(entry.text("severity"));
    if (!severity) entry.fail("\"severity\" is none");
    found.severity = *severity;
    found.rule = entry.text("rule");
    found.means = entry.text("means");
    found.check = entry.text_or("check", "");
    if (found.check.empty() == (found.type == AlertType::emergency)) {
        entry.fail("emergencies, and only they, have a \"check\" question");
    }
    found.unless = entry.text_or("unless", "");
    found.denied_by = entry.texts_or_none("denied_by");
    entry.finish();
    return found;
}

}  // namespace

Result<ConceptBook> ConceptBook::load(std::string_view text) {
    try {
        boost::json::value storage;
        data::Entry document(data::parse_document(file, text, storage), std::string(file));
        document.number_or("version", 1, 1, 1);
        ConceptBook book;
        for (auto& entry : document.entries_or_none("concepts")) {
            Concept found = read_concept(entry);
            if (book.find(found.id) != nullptr) entry.fail("the id is taken");
            book.concepts_.push_back(std::move(found));
        }
        document.finish();
        if (book.concepts_.empty()) document.fail("there are no \"concepts\"");
        return book;
    } catch (const data::DataFault& fault) {
        return Error{Errc::corrupt, fault.what()};
    }
}

const Concept* ConceptBook::find(std::string_view id) const noexcept {
    const auto found = std::ranges::find(concepts_, id, &Concept::id);
    return found == concepts_.end() ? nullptr : &*found;
}

}  // namespace carevoice::domain
