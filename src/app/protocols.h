// The clinical reader and the dialogue over the protocols that are built into the program.
#pragma once

#include "core/error.h"
#include "domain/dialogue.h"
#include "domain/understanding.h"

#include <memory>

namespace carevoice::app {

/// Errc::corrupt names the file and the entry at fault.
Result<std::unique_ptr<const domain::ClinicalReader>> load_clinical_reader();
/// `reader` outlives the result.
Result<domain::Dialogue> load_dialogue(const domain::ClinicalReader& reader);

}  // namespace carevoice::app
