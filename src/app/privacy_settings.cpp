#include "app/privacy_settings.h"

#include "app/setting_values.h"
#include "core/text.h"
#include "storage/phi_key.h"

namespace carevoice::app {

namespace {

std::string_view check_key(std::string_view text) {
    return storage::PhiKey::from_base64(text).has_value() ? "" : "must be 32 bytes in base64: openssl rand -base64 32";
}

Result<> apply_key(Settings& settings, std::string_view text) {
    if (const auto problem = check_key(text); !problem.empty()) return wrong(std::string(problem));
    settings.phi_encryption_key = std::string(text);
    return {};
}

}  // namespace

std::vector<SettingSpec> privacy_setting_specs() {
    return {
        {"PHI_ENCRYPTION_KEY",
         "key of recordings at rest, 32 bytes in base64; unset: made in DATA_DIR on a loopback address, and elsewhere "
         "calls are not recorded",
         "", true, true, apply_key},
        {"PHI_ENCRYPTION_KEYS_PREVIOUS",
         "keys that were used before, with commas in between: what they encrypted can be read", "", true, true,
         list_into(&Settings::phi_encryption_keys_previous, check_key)},
        {"RETENTION_DAYS", "days after which a recording is deleted, here and at Twilio, 1 to 3650", "90", false, true,
         number_into(&Settings::retention_days, 1, 3'650)},
    };
}

}  // namespace carevoice::app
