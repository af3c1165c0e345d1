#include "app/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace carevoice::app {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string good_sid = "AC" + std::string(32, 'a');
constexpr const char* good_key = "a-key-of-a-good-length";

LoadedSettings loaded(SettingTexts texts) {
    return load_settings(texts, {});
}

/// Names of the settings at fault, in the order of the report.
std::vector<std::string> faults(SettingTexts texts) {
    std::vector<std::string> names;
    for (const auto& problem : loaded(std::move(texts)).problems) names.push_back(problem.name);
    return names;
}

bool is_refused(const std::string& name, const std::string& text) {
    const auto names = faults({{name, text}, {"ADMIN_API_KEY", good_key}});
    return std::ranges::find(names, name) != names.end();
}

bool is_taken(const std::string& name, const std::string& text) {
    return faults({{name, text}, {"ADMIN_API_KEY", good_key}}).empty();
}

TEST(Settings, WithoutAnyTheServiceCanStartOnThisMachineOnly) {
    const auto result = loaded({});
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_THAT(result.warnings, SizeIs(3));  // no key, no Twilio, nobody to tell of alerts
    const auto& settings = result.settings;
    EXPECT_EQ(settings.listen_address, "127.0.0.1");
    EXPECT_EQ(settings.listen_port, 8000);
    EXPECT_EQ(settings.effective_database_url(), "sqlite:data/carevoice.db");
    EXPECT_EQ(settings.whisper_model_path(), "models/ggml-base.bin");
    EXPECT_EQ(settings.call_mode, domain::CallMode::updates);
    EXPECT_EQ(settings.max_call_seconds, 900);
    EXPECT_EQ(settings.calling_hours.from_minute, 8 * 60);
    EXPECT_EQ(settings.calling_hours.to_minute, 21 * 60);
    EXPECT_EQ(settings.twilio_api_base_url, "https://api.twilio.com");
    EXPECT_EQ(settings.stt_provider, "whisper");
}

TEST(Settings, TheDefaultsInTheHelpAreTheDefaults) {
    SettingTexts written;
    for (const auto& spec : setting_specs())
        if (!spec.standard.empty()) written.emplace(spec.name, spec.standard);
    const auto said = loaded(written);
    EXPECT_THAT(said.problems, IsEmpty());
    const Settings silent = loaded({}).settings;
    EXPECT_EQ(said.settings.listen_address, silent.listen_address);
    EXPECT_EQ(said.settings.listen_port, silent.listen_port);
    EXPECT_EQ(said.settings.data_dir, silent.data_dir);
    EXPECT_EQ(said.settings.models_dir, silent.models_dir);
    EXPECT_EQ(said.settings.log_level, silent.log_level);
    EXPECT_EQ(said.settings.twilio_api_base_url, silent.twilio_api_base_url);
    EXPECT_EQ(said.settings.organisation, silent.organisation);
    EXPECT_EQ(said.settings.call_mode, silent.call_mode);
    EXPECT_EQ(said.settings.max_call_seconds, silent.max_call_seconds);
    EXPECT_EQ(said.settings.calling_hours.to_minute, silent.calling_hours.to_minute);
    EXPECT_EQ(said.settings.stt_provider, silent.stt_provider);
    EXPECT_EQ(said.settings.whisper_model, silent.whisper_model);
    EXPECT_EQ(said.settings.stt_workers, silent.stt_workers);
    EXPECT_EQ(said.settings.stt_model, silent.stt_model);
}

TEST(Settings, EachIsDeclaredOnceWithHelp) {
    std::set<std::string_view> names;
    for (const auto& spec : setting_specs()) {
        EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
        EXPECT_FALSE(spec.help.empty()) << spec.name;
        EXPECT_TRUE(spec.apply) << spec.name;
    }
    // The customer's own names.
    for (const char* const name :
         {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER", "TWILIO_WEBHOOK_URL", "GEMINI_API_KEY",
          "WHISPER_MODEL", "DATABASE_URL", "REDIS_URL", "SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD"})
        EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Settings, ReportsAllMistakesTogether) {
    EXPECT_THAT(faults({{"LISTEN", "here"},
                        {"MAX_CALL_SECONDS", "soon"},
                        {"CALL_MODE", "shout"},
                        {"TWILIO_PHONE_NUMBER", "555-0100"},
                        {"ADMIN_API_KEY", "short"},
                        {"LISTENN", "typo"}}),
                testing::UnorderedElementsAre("LISTEN", "MAX_CALL_SECONDS", "CALL_MODE", "TWILIO_PHONE_NUMBER",
                                              "ADMIN_API_KEY", "LISTENN"));
}

TEST(Settings, OfManyInstancesAreReadAndMissedWhenTheyAreNotThere) {
    const auto many = loaded({{"INSTANCE_URL", "http://10.0.0.7:8000"},
                              {"REDIS_URL", "redis://:secret@10.0.0.9:6379/2"},
                              {"DRAIN_SECONDS", "90"}});
    EXPECT_THAT(many.problems, IsEmpty());
    EXPECT_EQ(many.settings.redis_url, "redis://:secret@10.0.0.9:6379/2");
    EXPECT_EQ(many.settings.drain_seconds, 90);
    EXPECT_THAT(describe_settings({{"REDIS_URL", "redis://:secret@10.0.0.9"}}), Not(HasSubstr("secret")));
    EXPECT_THAT(loaded({{"INSTANCE_URL", "http://10.0.0.7:8000"}}).warnings, Contains(HasSubstr("REDIS_URL")));
    EXPECT_THAT(faults({{"REDIS_URL", "localhost:6379"}, {"DRAIN_SECONDS", "-1"}}),
                testing::UnorderedElementsAre("REDIS_URL", "DRAIN_SECONDS"));
}

TEST(Settings, EachMistakeSaysWhatWouldBeRight) {
    for (const auto& problem : loaded({{"LISTEN", "x"}, {"CALLING_HOURS", "x"}, {"LOG_LEVEL", "x"}}).problems)
        EXPECT_THAT(problem.what, HasSubstr("must")) << problem.name;
}

TEST(Settings, TheEnvironmentWinsOverTheFileAndAnEmptyValueIsNone) {
    const auto result = load_settings({{"CALL_MODE", "gather"}, {"MAX_CALL_SECONDS", "100"}, {"LOG_LEVEL", ""}},
                                      {{"CALL_MODE", "updates"}, {"MAX_CALL_SECONDS", ""}});
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_EQ(result.settings.call_mode, domain::CallMode::updates);
    EXPECT_EQ(result.settings.max_call_seconds, 900);
    EXPECT_EQ(result.settings.log_level, LogLevel::info);
}

TEST(Settings, OnlyKnownNamesAreTakenFromTheEnvironment) {
    ASSERT_EQ(setenv("MAX_CALL_SECONDS", "123", 1), 0);
    ASSERT_EQ(setenv("SOMEBODY_ELSES_SETTING", "1", 1), 0);
    const auto texts = settings_from_environment();
    unsetenv("MAX_CALL_SECONDS");
    unsetenv("SOMEBODY_ELSES_SETTING");
    EXPECT_EQ(texts.at("MAX_CALL_SECONDS"), "123");
    EXPECT_FALSE(texts.contains("SOMEBODY_ELSES_SETTING"));
}

TEST(Settings, OutsideThisMachineAKeyIsNeeded) {
    for (const std::string address : {"0.0.0.0:8000", "[::]:8000", "192.0.2.1:80"}) {
        EXPECT_THAT(faults({{"LISTEN", address}}), ElementsAre("ADMIN_API_KEY")) << address;
        EXPECT_THAT(faults({{"LISTEN", address}, {"ADMIN_API_KEY", good_key}}), IsEmpty()) << address;
    }
    for (const std::string address : {"127.0.0.1:8000", "127.1.2.3:0", "[::1]:8000", "localhost:8000"})
        EXPECT_THAT(faults({{"LISTEN", address}}), IsEmpty()) << address;
    EXPECT_EQ(loaded({{"LISTEN", "[::1]:8080"}}).settings.listen_address, "::1");
    EXPECT_EQ(loaded({{"LISTEN", "[::1]:8080"}}).settings.listen_host(), "[::1]");
    EXPECT_EQ(loaded({{"LISTEN", "localhost:1"}}).settings.listen_address, "127.0.0.1");
}

TEST(Settings, RefusesListenAddressesThatAreNone) {
    for (const std::string text :
         {"8000", ":8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:http",
          "127.0.0.1:8000 ", "127.evil.example:80", "example.org:80", "127.0.0.1.:80", "[::1:80"})
        EXPECT_TRUE(is_refused("LISTEN", text)) << text;
}

TEST(Settings, RefusesValuesOutsideTheirBounds) {
    const std::vector<std::pair<const char*, std::vector<const char*>>> cases{
        {"MAX_CALL_SECONDS", {"59", "14401", "-900", "900s", "9e2", " 900", "99999999999999999999"}},
        {"STT_WORKERS", {"65", "-1", "two"}},
        {"CALLING_HOURS",
         {"8-21", "08:00", "08:00-", "21:00-08:00", "08:00-08:00", "08:60-21:00", "00:00-24:01", "08:00–21:00"}},
        {"CALLS_PER_SECOND", {"0", "-1", "101", "nan", "1/s", "1,5", " 1"}},
        {"MONTHLY_BUDGET_USD", {"-1", "inf", "$100", "100 USD", "1e99"}},
        {"RETRY_CALLS", {"yes", "ON", "1"}},
        {"CALL_MODE", {"UPDATES", "stream", "both"}},
        {"LOG_LEVEL", {"INFO", "verbose"}},
        {"STT_PROVIDER", {"google"}},
        {"TWILIO_ACCOUNT_SID",
         {"AC123", "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ACgggggggggggggggggggggggggggggggg", "A"}},
        {"TWILIO_PHONE_NUMBER", {"4155550100", "+1 415 555 0100", "whatsapp:+14155550100", "+0"}},
        {"CALLBACK_NUMBER", {"911"}},
        {"TWILIO_WEBHOOK_URL",
         {"voice.example.org", "ftp://voice.example.org", "https://", "https://voice.example.org/path",
          "wss://voice.example.org", "javascript:alert(1)"}},
        {"TWILIO_API_BASE_URL", {"api.twilio.com", "https://api.twilio.com/2010"}},
        {"STT_BASE_URL", {"localhost:9000"}},
        {"DATABASE_URL", {"carevoice.db", "mysql://x", "postgresql:x"}},
    };
    for (const auto& [name, texts] : cases)
        for (const char* const text : texts) EXPECT_TRUE(is_refused(name, text)) << name << "=" << text;
}

TEST(Settings, TakesValuesUpToTheirBounds) {
    const std::vector<std::pair<const char*, std::vector<std::string>>> cases{
        {"MAX_CALL_SECONDS", {"60", "14400"}},
        {"CALLING_HOURS", {"00:00-24:00", "09:30-17:45"}},
        {"CALLS_PER_SECOND", {"0.5", "1", "100"}},
        {"MONTHLY_BUDGET_USD", {"0", "250.50"}},
        {"RETRY_CALLS", {"on", "off"}},
        {"TWILIO_ACCOUNT_SID", {good_sid}},
        {"TWILIO_PHONE_NUMBER", {"+14155550100"}},
        {"TWILIO_WEBHOOK_URL", {"https://voice.example.org", "https://voice.example.org/", "http://127.0.0.1:8000"}},
        {"DATABASE_URL", {"sqlite:/var/lib/carevoice.db", "postgresql://user:secret@host/db"}},
    };
    for (const auto& [name, texts] : cases)
        for (const auto& text : texts) EXPECT_TRUE(is_taken(name, text)) << name << "=" << text;
    EXPECT_EQ(loaded({{"TWILIO_WEBHOOK_URL", "https://voice.example.org//"}}).settings.twilio_webhook_url,
              "https://voice.example.org");
    EXPECT_EQ(loaded({{"TWILIO_PHONE_NUMBER", "+14155550100"}}).settings.callback_number, "+14155550100");
}

TEST(Settings, ARemoteRecogniserNeedsItsAddress) {
    EXPECT_THAT(faults({{"STT_PROVIDER", "openai"}}), ElementsAre("STT_BASE_URL"));
    EXPECT_THAT(faults({{"STT_PROVIDER", "openai"}, {"STT_BASE_URL", "http://127.0.0.1:9000"}}), IsEmpty());
}

TEST(Settings, TheChatModelIsGeminiWhenItHasAKeyElseNone) {
    EXPECT_EQ(loaded({}).settings.chat_provider, "offline");
    EXPECT_EQ(loaded({{"GEMINI_API_KEY", "k"}}).settings.chat_provider, "gemini");
    EXPECT_EQ(loaded({{"GEMINI_API_KEY", "k"}, {"CHAT_PROVIDER", "offline"}}).settings.chat_provider, "offline");
}

TEST(Settings, AChatModelNeedsItsAddressOrKey) {
    EXPECT_THAT(faults({{"CHAT_PROVIDER", "gemini"}}), ElementsAre("GEMINI_API_KEY"));
    EXPECT_THAT(faults({{"CHAT_PROVIDER", "openai"}}), ElementsAre("OPENAI_BASE_URL", "OPENAI_MODEL"));
    EXPECT_THAT(
        faults(
            {{"CHAT_PROVIDER", "openai"}, {"OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"}, {"OPENAI_MODEL", "small"}}),
        IsEmpty());
    EXPECT_THAT(faults({{"CHAT_PROVIDER", "parrot"}}), ElementsAre("CHAT_PROVIDER"));
    EXPECT_THAT(faults({{"OPENAI_BASE_URL", "models.example.org"}}), ElementsAre("OPENAI_BASE_URL"));
}

TEST(Settings, WhatHasNoEffectYetIsTakenWithAWarning) {
    const auto result = loaded({{"TTS_PROVIDER", "piper"}});
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_THAT(result.warnings, testing::Contains(HasSubstr("TTS_PROVIDER")));
}

TEST(Settings, AKeyOfPatientDataIsThirtyTwoBytesInBase64) {
    const std::string key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const auto result = loaded({{"PHI_ENCRYPTION_KEY", key}, {"PHI_ENCRYPTION_KEYS_PREVIOUS", key + ", " + key}});
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_EQ(result.settings.phi_encryption_key, key);
    EXPECT_EQ(result.settings.phi_encryption_keys_previous.size(), 2U);
    EXPECT_THAT(faults({{"PHI_ENCRYPTION_KEY", "a-very-secret-key"}, {"RETENTION_DAYS", "0"}}),
                testing::UnorderedElementsAre("PHI_ENCRYPTION_KEY", "RETENTION_DAYS"));
}

TEST(Settings, SecretsAreNeverPrinted) {
    constexpr const char* secret = "hunter2-hunter2-hunter2";
    SettingTexts texts;
    for (const auto& spec : setting_specs())
        if (spec.secret) texts[std::string(spec.name)] = secret;
    const auto result = loaded(texts);
    EXPECT_THAT(describe_settings(texts), Not(HasSubstr(secret)));
    EXPECT_THAT(describe_settings(texts), HasSubstr("TWILIO_AUTH_TOKEN=[set]"));
    for (const auto& problem : result.problems) EXPECT_THAT(problem.what, Not(HasSubstr(secret)));
    for (const auto& warning : result.warnings) EXPECT_THAT(warning, Not(HasSubstr(secret)));
    EXPECT_THAT(describe_settings({{"ADMIN_API_KEY", "short-secret"}}), Not(HasSubstr("short-secret")));
    for (const auto& problem : loaded({{"ADMIN_API_KEY", "short-secret"}}).problems)
        EXPECT_THAT(problem.what, Not(HasSubstr("short-secret")));
    // A password inside an address.
    for (const char* const name : {"TWILIO_WEBHOOK_URL", "TWILIO_API_BASE_URL", "STT_BASE_URL"}) {
        EXPECT_TRUE(is_refused(name, "https://user:hunter2@example.org")) << name;
        for (const auto& problem : loaded({{name, "https://user:hunter2@example.org"}}).problems)
            EXPECT_THAT(problem.what, Not(HasSubstr("hunter2")));
    }
}

TEST(Settings, ADescriptionMarksTheDefaults) {
    const auto text = describe_settings({{"CALL_MODE", "gather"}});
    EXPECT_THAT(text, HasSubstr("CALL_MODE=gather\n"));
    EXPECT_THAT(text, HasSubstr("LISTEN=127.0.0.1:8000   (default)\n"));
}

// ---- .env

SettingTexts env(std::string_view text) {
    auto read = parse_env_file(text);
    EXPECT_TRUE(read.has_value()) << read.error().detail;
    return read.has_value() ? std::move(*read) : SettingTexts{};
}

TEST(EnvFile, ReadsNamesAndValues) {
    const auto texts =
        env("# a comment\r\n\r\nLISTEN=127.0.0.1:9000\r\n  CALL_MODE = gather  \nexport LOG_LEVEL=debug\n"
            "ORGANISATION_NAME=\"St. Mary's #1 = best\"\nA='quoted'\nB=\nC=a=b");
    EXPECT_EQ(texts.at("LISTEN"), "127.0.0.1:9000");
    EXPECT_EQ(texts.at("CALL_MODE"), "gather");
    EXPECT_EQ(texts.at("LOG_LEVEL"), "debug");
    EXPECT_EQ(texts.at("ORGANISATION_NAME"), "St. Mary's #1 = best");
    EXPECT_EQ(texts.at("A"), "quoted");
    EXPECT_EQ(texts.at("B"), "");
    EXPECT_EQ(texts.at("C"), "a=b");
    EXPECT_TRUE(env("").empty());
    EXPECT_TRUE(env("\n\n#LISTEN=x\n").empty());
}

TEST(EnvFile, TakesAByteOrderMark) {
    EXPECT_EQ(env("\xEF\xBB\xBFLISTEN=127.0.0.1:1\n").at("LISTEN"), "127.0.0.1:1");
}

TEST(EnvFile, NamesTheLineThatIsNoneAndNotWhatItSays) {
    const auto read = parse_env_file("LISTEN=127.0.0.1:1\n\nthe-token-in-a-line-of-its-own\n");
    ASSERT_TRUE(read.has_error());
    EXPECT_THAT(read.error().detail, HasSubstr("line 3"));
    EXPECT_THAT(read.error().detail, Not(HasSubstr("token")));
}

TEST(EnvFile, SurvivesWhatIsNoEnvFile) {
    for (const std::string& text :
         {std::string("=value\n"), std::string("= =\n"), std::string("\0\0=\0", 4), std::string(1'000'000, '='),
          std::string("\xff\xfe=1\n"), std::string("'=\"\n"), std::string("A=\"\nB='x\"\n"), std::string("export =1\n"),
          std::string("export LISTEN\n"),
          std::string("\x7f"
                      "ELF\x02\x01\x01")}) {
        const auto read = parse_env_file(text);
        // Refused at once, or as a name that is not a setting.
        if (read.has_value()) EXPECT_THAT(load_settings(*read, {}).problems, Not(IsEmpty())) << text.substr(0, 20);
    }
}

TEST(EnvFile, UnknownNamesAreMistakes) {
    const auto result = load_settings(env("TWILIO_ACOUNT_SID=" + good_sid + "\n"), {});
    ASSERT_THAT(result.problems, SizeIs(1));
    EXPECT_EQ(result.problems[0].name, "TWILIO_ACOUNT_SID");
}

}  // namespace
}  // namespace carevoice::app
