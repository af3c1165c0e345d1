// Takes out of a patient's words what says who he is, before they leave for a model that somebody else may run.
#pragma once

#include "core/error.h"
#include "domain/patient.h"

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace carevoice::ai {

/// What the record knows of a patient and those around him: names, date of birth, numbers, ids. Each is one entry.
std::vector<std::string> identifiers_of(const domain::Patient& patient);

/// Immutable after load: share it between threads.
class Scrubber {
public:
    /// `lexicon_json` is the text of protocols/lexicon.json: its drugs keep their capitals and stay.
    static Result<Scrubber> load(std::string_view lexicon_json);

    /// `words` with `identifiers` (names, compared without case; numbers by their digits), dates, e-mail addresses,
    /// runs of four and more digits (written or spoken) and capitalised names inside of sentences replaced by "NAME",
    /// "DATE", "EMAIL" and "NUMBER"; on one line, without control characters and signs of mark-up, at most 600 bytes.
    /// Errs on the side of taking out too much; a name at the start of a sentence stays unless it is an identifier.
    [[nodiscard]] std::string scrub(std::string_view words, const std::vector<std::string>& identifiers) const;

private:
    explicit Scrubber(std::unordered_set<std::string> drugs) : drugs_(std::move(drugs)) {}
    std::unordered_set<std::string> drugs_;
};

}  // namespace carevoice::ai
