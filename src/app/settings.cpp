#include "app/settings.h"

#include "app/alert_settings.h"
#include "app/privacy_settings.h"
#include "app/setting_values.h"
#include "core/text.h"
#include "net/client.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>

namespace carevoice::app {

namespace {

auto path_into(std::filesystem::path Settings::*member) {
    return [member](Settings& settings, std::string_view text) -> Result<> {
        settings.*member = std::filesystem::path(text);
        return {};
    };
}

auto decimal_into(double Settings::*member, double low, double high, const char* bounds) {
    return [member, low, high, bounds](Settings& settings, std::string_view text) -> Result<> {
        double number = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool whole = failure == std::errc{} && end == text.data() + text.size();
        if (!whole || !(number >= low && number <= high)) return wrong(std::string("must be a number from ") + bounds);
        settings.*member = number;
        return {};
    };
}

auto switch_into(bool Settings::*member) {
    return [member](Settings& settings, std::string_view text) -> Result<> {
        if (text != "on" && text != "off") return wrong("must be on or off");
        settings.*member = text == "on";
        return {};
    };
}

auto e164_into(std::string Settings::*member) {
    return [member](Settings& settings, std::string_view text) -> Result<> {
        if (!is_e164(text)) return wrong("must be a phone number in E.164 form, such as +14155550123");
        settings.*member = std::string(text);
        return {};
    };
}

auto origin_into(std::string Settings::*member) {
    return [member](Settings& settings, std::string_view text) -> Result<> {
        while (text.ends_with('/')) text.remove_suffix(1);
        const auto url = net::parse_url(text);
        if (url.has_error() || (url->scheme != "https" && url->scheme != "http"))
            return wrong("must be an origin such as https://voice.example.org");
        if (url->path != "/" && !url->path.empty()) return wrong("must be an origin, without a path");
        settings.*member = std::string(text);
        return {};
    };
}

auto url_into(std::string Settings::*member) {
    return [member](Settings& settings, std::string_view text) -> Result<> {
        while (text.ends_with('/')) text.remove_suffix(1);
        const auto url = net::parse_url(text);
        if (url.has_error() || (url->scheme != "https" && url->scheme != "http"))
            return wrong("must be a URL such as https://models.example.org/v1");
        settings.*member = std::string(text);
        return {};
    };
}

Result<> apply_account_sid(Settings& settings, std::string_view text) {
    const bool hex = std::ranges::all_of(text.substr(std::min<std::size_t>(2, text.size())),
                                         [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (text.size() != 34 || !text.starts_with("AC") || !hex)
        return wrong("must be AC and 32 hex digits, from the Twilio console");
    settings.twilio_account_sid = std::string(text);
    return {};
}

Result<> apply_listen(Settings& settings, std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong("must be ADDRESS:PORT, such as 127.0.0.1:8000");
    const auto port = parse_digits(text.substr(colon + 1));
    if (!port || *port > 65535) return wrong("the port must be a number from 0 to 65535");
    auto address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    if (address == "localhost") address = "127.0.0.1";
    // A name could stand for another address tomorrow; whether a key is needed hangs on it.
    boost::system::error_code failure;
    boost::asio::ip::make_address(std::string(address), failure);
    if (failure) return wrong("must have an IP address or localhost before the port");
    settings.listen_address = std::string(address);
    settings.listen_port = static_cast<std::uint16_t>(*port);
    return {};
}

Result<> apply_calling_hours(Settings& settings, std::string_view text) {
    const auto dash = text.find('-');
    const auto from = minute_of_day(text.substr(0, dash));
    const auto to = dash == std::string_view::npos ? std::nullopt : minute_of_day(text.substr(dash + 1));
    // The two swapped would ring patients out of their sleep: no wrapping over midnight here.
    if (!from || !to || *from >= *to) return wrong("must be FROM-TO on one day, such as 08:00-21:00");
    settings.calling_hours = {*from, *to};
    return {};
}

Result<> apply_call_mode(Settings& settings, std::string_view text) {
    const auto mode = domain::parse_call_mode(text);
    if (!mode || *mode == domain::CallMode::stream) return wrong("must be updates or gather");
    settings.call_mode = *mode;
    return {};
}

Result<> apply_stt_provider(Settings& settings, std::string_view text) {
    if (text != "whisper" && text != "openai" && text != "none") return wrong("must be whisper, openai or none");
    settings.stt_provider = std::string(text);
    return {};
}

Result<> apply_chat_provider(Settings& settings, std::string_view text) {
    if (text != "gemini" && text != "openai" && text != "offline") return wrong("must be gemini, openai or offline");
    settings.chat_provider = std::string(text);
    return {};
}

Result<> apply_log_level(Settings& settings, std::string_view text) {
    static const std::map<std::string_view, LogLevel> levels{{"debug", LogLevel::debug},
                                                             {"info", LogLevel::info},
                                                             {"warning", LogLevel::warning},
                                                             {"error", LogLevel::error}};
    const auto found = levels.find(text);
    if (found == levels.end()) return wrong("must be debug, info, warning or error");
    settings.log_level = found->second;
    return {};
}

Result<> apply_database_url(Settings& settings, std::string_view text) {
    const bool is_known =
        text.starts_with("sqlite:") || text.starts_with("postgresql://") || text.starts_with("postgres://");
    if (!is_known) return wrong("must be sqlite:PATH or postgresql://…");
    settings.database_url = std::string(text);
    return {};
}

Result<> apply_redis_url(Settings& settings, std::string_view text) {
    if (!text.starts_with("redis://") && !text.starts_with("unix://"))
        return wrong("must be redis://HOST:PORT or unix://PATH");
    settings.redis_url = std::string(text);
    return {};
}

Result<> ignore(Settings&, std::string_view) {
    return {};
}

SettingSpec later(std::string_view name, std::string_view help, bool secret = false) {
    return {name, help, "", secret, false, ignore};
}

std::vector<SettingSpec> make_specs() {
    std::vector<SettingSpec> specs{
        {"LISTEN", "address and port of the HTTP server", "127.0.0.1:8000", false, true, apply_listen},
        {"DATA_DIR", "folder for the database and other data", "data", false, true, path_into(&Settings::data_dir)},
        {"MODELS_DIR", "folder of the speech models", "models", false, true, path_into(&Settings::models_dir)},
        {"WALL_DIR", "folder of the wall's files, read at the start; unset: those built into the program", "", false,
         true, path_into(&Settings::wall_dir)},
        {"DATABASE_URL", "sqlite:PATH or postgresql://USER@HOST/NAME; unset: SQLite in DATA_DIR", "", true, true,
         apply_database_url},
        {"REDIS_URL",
         "redis://[USER[:PASSWORD]@]HOST[:PORT][/NUMBER] or unix://PATH, shared by all instances; unset: this one "
         "alone",
         "", true, true, apply_redis_url},
        {"DRAIN_SECONDS",
         "seconds, 0 to 3600, that live calls may go on after SIGTERM before other instances take them over", "60",
         false, true, number_into(&Settings::drain_seconds, 0, 3'600)},
        {"ADMIN_API_KEY", "key of the HTTP API; unset: open, and only on a loopback address", "", true, true,
         text_into(&Settings::admin_api_key)},
        {"LOG_LEVEL", "debug, info, warning or error", "info", false, true, apply_log_level},
        {"TWILIO_ACCOUNT_SID", "account SID from the Twilio console", "", false, true, apply_account_sid},
        {"TWILIO_AUTH_TOKEN", "auth token from the Twilio console; also checks webhook signatures", "", true, true,
         text_into(&Settings::twilio_auth_token)},
        {"TWILIO_PHONE_NUMBER", "the number that calls come from, E.164", "", false, true,
         e164_into(&Settings::twilio_phone_number)},
        {"TWILIO_WEBHOOK_URL", "public origin of this service; unset: http:// and LISTEN, for local trials only", "",
         false, true, origin_into(&Settings::twilio_webhook_url)},
        {"TWILIO_API_BASE_URL", "another server that speaks Twilio's REST API", "https://api.twilio.com", false, true,
         origin_into(&Settings::twilio_api_base_url)},
        {"INSTANCE_URL", "origin at which the other instances reach this one; unset: it is the only one", "", false,
         true, origin_into(&Settings::instance_url)},
        {"ORGANISATION_NAME",
         "who is calling, as said before identity is known: no department that gives the reason away",
         "your hospital's care line", false, true, text_into(&Settings::organisation)},
        {"CALLBACK_NUMBER", "number that patients may call back, E.164; unset: TWILIO_PHONE_NUMBER", "", false, true,
         e164_into(&Settings::callback_number)},
        {"CALL_MODE", "updates or gather", "updates", false, true, apply_call_mode},
        {"MAX_CALL_SECONDS", "longest call in seconds, 60 to 14400", "900", false, true,
         number_into(&Settings::max_call_seconds, 60, 14'400)},
        {"CALLING_HOURS", "FROM-TO in the patient's zone; 00:00-24:00 is always", "08:00-21:00", false, true,
         apply_calling_hours},
        {"CALLS_PER_SECOND", "new calls per second, 0.01 to 100; Twilio queues what exceeds the account's own rate",
         "1", false, true, decimal_into(&Settings::calls_per_second, 0.01, 100, "0.01 to 100")},
        {"MONTHLY_BUDGET_USD", "no call is dialled that would make the month's calls cost more; 0: no limit", "0",
         false, true, decimal_into(&Settings::monthly_budget_usd, 0, 1e9, "0 to 1000000000")},
        {"RETRY_CALLS", "on or off: call again who did not answer, as protocols/call_plan.json says", "on", false, true,
         switch_into(&Settings::retry_calls)},
        {"PLAN_CALLS", "on or off: plan the next follow-up when one was had, by the days of protocols/call_plan.json",
         "off", false, true, switch_into(&Settings::plan_calls)},
        {"STT_PROVIDER", "whisper, openai or none", "whisper", false, true, apply_stt_provider},
        {"WHISPER_MODEL", "NAME of MODELS_DIR/ggml-NAME.bin", "base", false, true, text_into(&Settings::whisper_model)},
        {"STT_WORKERS", "transcriptions at once, 0 to 64; 0: one less than there are cores, at least one", "0", false,
         true, number_into(&Settings::stt_workers, 0, 64)},
        {"STT_BASE_URL", "server of POST /v1/audio/transcriptions, for STT_PROVIDER=openai", "", false, true,
         origin_into(&Settings::stt_base_url)},
        {"STT_MODEL", "model name sent to that server", "whisper-1", false, true, text_into(&Settings::stt_model)},
        {"CHAT_PROVIDER", "gemini, openai or offline (our own wording alone); unset: gemini when it has a key", "",
         false, true, apply_chat_provider},
        {"GEMINI_API_KEY", "key of the Gemini API", "", true, true, text_into(&Settings::gemini_api_key)},
        {"GEMINI_MODEL", "name of the model", "gemini-3.5-flash-lite", false, true, text_into(&Settings::gemini_model)},
        {"GEMINI_API_BASE_URL", "another server that speaks the Gemini API",
         "https://generativelanguage.googleapis.com", false, true, url_into(&Settings::gemini_api_base_url)},
        {"OPENAI_BASE_URL", "server of POST /chat/completions, such as http://127.0.0.1:11434/v1", "", false, true,
         url_into(&Settings::openai_base_url)},
        {"OPENAI_MODEL", "name of the model on that server", "", false, true, text_into(&Settings::openai_model)},
        {"OPENAI_API_KEY", "key of the servers of STT_BASE_URL and OPENAI_BASE_URL", "", true, true,
         text_into(&Settings::openai_api_key)},
    };
    std::ranges::move(alert_setting_specs(), std::back_inserter(specs));
    std::ranges::move(privacy_setting_specs(), std::back_inserter(specs));
    specs.push_back(later("TTS_PROVIDER", "known, without effect yet"));
    return specs;
}

const SettingSpec* find_spec(std::string_view name) {
    const auto& specs = setting_specs();
    const auto found = std::ranges::find(specs, name, &SettingSpec::name);
    return found == specs.end() ? nullptr : &*found;
}

void check_together(LoadedSettings& loaded) {
    const Settings& settings = loaded.settings;
    if (settings.admin_api_key.empty()) {
        if (!settings.listens_on_loopback())
            loaded.problems.push_back({"ADMIN_API_KEY", "must be set when LISTEN is not a loopback address"});
        else
            loaded.warnings.emplace_back("ADMIN_API_KEY is not set: anybody on this machine may use the API");
    } else if (settings.admin_api_key.size() < 16) {
        loaded.problems.push_back({"ADMIN_API_KEY", "must have at least 16 characters"});
    }
    if (settings.stt_provider == "openai" && settings.stt_base_url.empty())
        loaded.problems.push_back({"STT_BASE_URL", "must be set when STT_PROVIDER is openai"});
    if (settings.chat_provider == "gemini" && settings.gemini_api_key.empty())
        loaded.problems.push_back({"GEMINI_API_KEY", "must be set when CHAT_PROVIDER is gemini"});
    if (settings.chat_provider == "openai" && settings.openai_base_url.empty())
        loaded.problems.push_back({"OPENAI_BASE_URL", "must be set when CHAT_PROVIDER is openai"});
    if (settings.chat_provider == "openai" && settings.openai_model.empty())
        loaded.problems.push_back({"OPENAI_MODEL", "must be set when CHAT_PROVIDER is openai"});
    if (!settings.instance_url.empty() && settings.redis_url.empty())
        loaded.warnings.emplace_back(
            "REDIS_URL is not set: instances do not see each other's live events, and each dials CALLS_PER_SECOND");
    check_alert_settings(loaded);
    if (settings.twilio_account_sid.empty() || settings.twilio_auth_token.empty() ||
        settings.twilio_phone_number.empty())
        loaded.warnings.emplace_back(
            "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN or TWILIO_PHONE_NUMBER is not set: no calls "
            "can be made (`carevoice simulate` works without)");
}

}  // namespace

std::string Settings::effective_database_url() const {
    return database_url.empty() ? "sqlite:" + (data_dir / "carevoice.db").string() : database_url;
}
std::filesystem::path Settings::whisper_model_path() const {
    return models_dir / ("ggml-" + whisper_model + ".bin");
}
std::filesystem::path Settings::vad_model_path() const {
    return models_dir / "ggml-silero-v6.2.0.bin";
}
std::filesystem::path Settings::sentence_encoder_path() const {
    return models_dir / "sentence-encoder";
}
std::string Settings::listen_host() const {
    return listen_address.find(':') == std::string::npos ? listen_address : "[" + listen_address + "]";
}
bool Settings::listens_on_loopback() const {
    boost::system::error_code failure;
    const auto address = boost::asio::ip::make_address(listen_address, failure);
    return !failure && address.is_loopback();
}

const std::vector<SettingSpec>& setting_specs() {
    static const std::vector<SettingSpec> specs = make_specs();
    return specs;
}

Result<SettingTexts> parse_env_file(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    SettingTexts texts;
    int number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        auto line = trim(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with("export ")) line = trim(line.substr(7));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos)
            return Error{Errc::invalid_input, "line " + std::to_string(number) + " is not NAME=VALUE"};
        auto value = trim(line.substr(equals + 1));
        const bool quoted =
            value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
        if (quoted) value = value.substr(1, value.size() - 2);
        texts[std::string(trim(line.substr(0, equals)))] = std::string(value);
    }
    return texts;
}

SettingTexts settings_from_environment() {
    SettingTexts texts;
    for (const auto& spec : setting_specs())
        if (const char* const value = std::getenv(std::string(spec.name).c_str()))
            texts[std::string(spec.name)] = value;
    return texts;
}

LoadedSettings load_settings(const SettingTexts& file, const SettingTexts& environment) {
    LoadedSettings loaded;
    for (const auto& [name, text] : file)
        if (find_spec(name) == nullptr)
            loaded.problems.push_back({name, "is not a setting; see `carevoice serve --help`"});
    for (const auto& spec : setting_specs()) {
        const auto* const source = environment.contains(spec.name) ? &environment : &file;
        const auto found = source->find(spec.name);
        // NAME= without a value is the same as not set: that is how .env.example lists what may be set.
        if (found == source->end() || found->second.empty()) continue;
        if (!spec.has_effect) loaded.warnings.push_back(std::string(spec.name) + " has no effect in this release");
        const auto applied = spec.apply(loaded.settings, found->second);
        if (applied.has_error()) loaded.problems.push_back({std::string(spec.name), applied.error().detail});
    }
    if (loaded.settings.chat_provider.empty())
        loaded.settings.chat_provider = loaded.settings.gemini_api_key.empty() ? "offline" : "gemini";
    check_together(loaded);
    if (loaded.settings.callback_number.empty()) loaded.settings.callback_number = loaded.settings.twilio_phone_number;
    return loaded;
}

std::string describe_settings(const SettingTexts& texts) {
    std::string out;
    for (const auto& spec : setting_specs()) {
        const auto found = texts.find(spec.name);
        const bool set = found != texts.end() && !found->second.empty();
        std::string value = set ? found->second : std::string(spec.standard);
        if (set && spec.secret) value = "[set]";
        out += std::string(spec.name) + "=" + value + (set ? "\n" : "   (default)\n");
    }
    return out;
}

}  // namespace carevoice::app
