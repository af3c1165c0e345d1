// A file that somebody uploads: refused, or read into patients that survive being written and read again.
#include "domain/patient_csv.h"
#include "domain/patient_json.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace carevoice::domain;
    const auto csv = parse_patient_csv({reinterpret_cast<const char*>(data), size});
    if (csv.has_error()) return 0;
    for (const auto& row : csv->rows) {
        const auto patient = apply_row(row, nullptr);
        if (patient.has_error()) continue;
        if (validate(*patient).has_error()) std::abort();
        if (patient_from_json(to_json(*patient)).value() != *patient) std::abort();
        // The same row again changes nothing.
        if (apply_row(row, &*patient).value() != *patient) std::abort();
    }
    return 0;
}
