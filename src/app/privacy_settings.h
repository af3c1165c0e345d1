// The settings about patient data at rest: its key, and how long recordings are kept.
#pragma once

#include "app/settings.h"

#include <vector>

namespace carevoice::app {

std::vector<SettingSpec> privacy_setting_specs();

}  // namespace carevoice::app
