// Who is on the line: two identifiers, both given by the person (clinical.md section 1, 45 CFR 164.514(h)).
#pragma once

#include "domain/dialogue/spoken_date.h"
#include "domain/patient.h"

#include <string_view>

namespace carevoice::domain::dialogue {

struct IdentityHeard {
    bool name = false;                             ///< first or last name, alike in sound: recognisers mangle names
    DateHeard date_of_birth = DateHeard::nothing;  ///< exact
    bool other_person = false;                     ///< "this is his wife", "she's not home"
};

IdentityHeard hear_identity(std::string_view text, const Patient& patient);

/// True when `heard` could be `name` as a recogniser writes it down: "kowalchick" for "Kowalczyk".
bool sounds_like(std::string_view heard, std::string_view name);

}  // namespace carevoice::domain::dialogue
