// Who is on the line: two identifiers, both given by the person: the name, and the date of birth or, when that fails or
// is refused, the last four digits of the phone number on record (clinical.md section 1, 45 CFR 164.514(h)).
#pragma once

#include "domain/dialogue/spoken_date.h"
#include "domain/patient.h"

#include <string_view>

namespace carevoice::domain::dialogue {

struct IdentityHeard {
    bool name = false;                             ///< first or last name, alike in sound: recognisers mangle names
    DateHeard date_of_birth = DateHeard::nothing;  ///< exact
    bool other_person = false;                     ///< "this is his wife", "she's not home"
    bool introduced = false;      ///< begins by saying that it is somebody else: "This is his wife", "I'm her son"
    bool absent = false;          ///< the patient cannot come to the phone now
    bool self = false;            ///< "this is Ruth", "Ruth speaking"
    bool caregiver_name = false;  ///< the name of the caregiver on record, alike in sound
};

IdentityHeard hear_identity(std::string_view text, const Patient& patient);

/// The last four digits of `phone` (E.164), said or typed alone or at the end of the whole number.
bool hear_last_digits(std::string_view text, std::string_view phone);

/// True when `heard` could be `name` as a recogniser writes it down: "kowalchick" for "Kowalczyk".
bool sounds_like(std::string_view heard, std::string_view name);

}  // namespace carevoice::domain::dialogue
