// The clinical reader and the dialogue over the protocols that are built into the program.
#pragma once

#include "core/error.h"
#include "domain/call_plan.h"
#include "domain/dialogue.h"
#include "domain/understanding.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace carevoice::app {

/// The text of protocols/NAME. Errc::corrupt when the program was built without it.
Result<std::string_view> protocol_text(std::string_view name);
/// Errc::corrupt names the file and the entry at fault.
Result<std::unique_ptr<const domain::ClinicalReader>> load_clinical_reader();
/// The sentence encoder in this folder with what training taught it. Errc::not_found without the encoder.
Result<std::unique_ptr<const domain::SecondReader>> load_second_reader(const std::filesystem::path& encoder);
Result<domain::CallPlan> load_call_plan();
/// `reader` outlives the result.
Result<domain::Dialogue> load_dialogue(const domain::ClinicalReader& reader);

}  // namespace carevoice::app
