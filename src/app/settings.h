// The settings of the program: read once at start-up from the environment and from a .env file, each declared once.
#pragma once

#include "calls/call_settings.h"
#include "core/error.h"
#include "core/log.h"
#include "domain/notification.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::app {

struct Settings {
    std::string listen_address = "127.0.0.1";
    std::uint16_t listen_port = 8000;
    std::filesystem::path data_dir = "data";
    std::filesystem::path models_dir = "models";
    std::filesystem::path wall_dir;  ///< empty: the wall that was built in
    std::string database_url;        ///< empty: SQLite in data_dir
    std::string redis_url;           ///< empty: this process's memory
    int drain_seconds = 60;          ///< live calls may go on for so long after SIGTERM
    std::string admin_api_key;
    LogLevel log_level = LogLevel::info;

    std::string phi_encryption_key;  ///< base64; empty: one of DATA_DIR
    std::vector<std::string> phi_encryption_keys_previous;
    int retention_days = 90;  ///< of recordings

    std::string twilio_account_sid;
    std::string twilio_auth_token;
    std::string twilio_phone_number;
    std::string twilio_webhook_url;  ///< without a slash at its end
    std::string twilio_api_base_url = "https://api.twilio.com";
    std::string instance_url;  ///< without a slash at its end; empty: the only instance

    std::string smtp_host;  ///< empty: no e-mail
    int smtp_port = 587;
    std::string smtp_user;
    std::string smtp_password;
    std::string alert_from_email;
    std::vector<std::string> care_team_emails;  ///< the first belongs to the same person as the first phone
    std::vector<std::string> care_team_phones;
    std::vector<std::string> alert_webhook_urls;
    std::string alert_webhook_secret;
    std::vector<domain::Channel> covered_channels;
    std::optional<domain::CallingHours> quiet_hours;
    std::string team_time_zone;

    std::string organisation = "your hospital's care line";
    std::string callback_number;
    domain::CallMode call_mode = domain::CallMode::updates;
    int max_call_seconds = 900;
    calls::CallingHours calling_hours;
    double calls_per_second = 1;    ///< Twilio's own limit for a new account
    double monthly_budget_usd = 0;  ///< 0: no limit
    bool retry_calls = true;
    bool plan_calls = false;

    std::string stt_provider = "whisper";
    std::string whisper_model = "base";
    int stt_workers = 0;  ///< 0: one less than there are cores, at least one
    std::string stt_base_url;
    std::string stt_model = "whisper-1";
    std::string openai_api_key;

    std::string chat_provider;  ///< gemini, openai or offline; empty: offline (load_settings() looks for a Gemini key)
    std::string gemini_api_key;
    std::string gemini_model = "gemini-3.5-flash-lite";
    std::string gemini_api_base_url = "https://generativelanguage.googleapis.com";
    std::string openai_base_url;
    std::string openai_model;

    [[nodiscard]] std::string effective_database_url() const;
    [[nodiscard]] std::filesystem::path whisper_model_path() const;
    [[nodiscard]] std::filesystem::path vad_model_path() const;
    [[nodiscard]] std::filesystem::path sentence_encoder_path() const;
    /// listen_address as a URL has it: an IPv6 address in brackets.
    [[nodiscard]] std::string listen_host() const;
    [[nodiscard]] bool listens_on_loopback() const;
};

/// One row: what `carevoice serve --help` and docs/configuration.md show, and how the text becomes a value.
struct SettingSpec {
    std::string_view name;
    std::string_view help;      ///< one sentence, with unit and bounds
    std::string_view standard;  ///< the default, as text; "" when there is none
    bool secret = false;        ///< never printed
    bool has_effect = true;     ///< false: known and accepted, for a later release
    /// ok, or what is wrong with the text (without repeating a secret).
    std::function<Result<>(Settings&, std::string_view)> apply;
};

const std::vector<SettingSpec>& setting_specs();

using SettingTexts = std::map<std::string, std::string, std::less<>>;

/// Lines of NAME=VALUE; '#' starts a comment line; quotes around a value are taken off. invalid_input names the line.
Result<SettingTexts> parse_env_file(std::string_view text);

/// Environment variables of known names.
SettingTexts settings_from_environment();

struct SettingProblem {
    std::string name;
    std::string what;
};

struct LoadedSettings {
    Settings settings;
    std::vector<SettingProblem> problems;  ///< all of them; start only when empty
    std::vector<std::string> warnings;
};

/// `file` first, `environment` over it. Unknown names of the file are problems.
LoadedSettings load_settings(const SettingTexts& file, const SettingTexts& environment);

/// Name, value and whether it is the default, secrets as "[set]".
std::string describe_settings(const SettingTexts& texts);

}  // namespace carevoice::app
