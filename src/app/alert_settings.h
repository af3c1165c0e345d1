// The settings about alerts: who is told, which way, and when.
#pragma once

#include "app/settings.h"

#include <vector>

namespace carevoice::app {

std::vector<SettingSpec> alert_setting_specs();
/// What these settings demand of each other, as problems, and what they leave undone, as warnings.
void check_alert_settings(LoadedSettings& loaded);

}  // namespace carevoice::app
