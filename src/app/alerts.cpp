#include "app/alerts.h"

#include "calls/calling_hours.h"
#include "notify/dispatcher.h"
#include "notify/escalator.h"
#include "notify/in_app_channel.h"
#include "notify/sms_channel.h"
#include "notify/smtp_channel.h"
#include "notify/webhook_channel.h"
#include "notify/webhook_signature.h"

#include <algorithm>

namespace carevoice::app {

namespace {

constexpr std::size_t mails_at_once = 4;
constexpr std::size_t mail_queue_max = 64;

bool can_mail(const Settings& settings) {
    return !settings.smtp_host.empty();
}
bool can_text(const Settings& settings) {
    return !settings.twilio_account_sid.empty() && !settings.twilio_phone_number.empty();
}

/// Addresses that no channel can reach are left out: what is planned for them could only become a dead letter.
domain::Contact reachable(domain::Contact person, const Settings& settings) {
    if (!can_mail(settings)) person.email.clear();
    if (!can_text(settings)) person.phone.clear();
    return person;
}

domain::CareLadder service_ladder(const Settings& settings) {
    domain::CareLadder ladder;
    const auto people = std::max(settings.care_team_emails.size(), settings.care_team_phones.size());
    for (std::size_t i = 0; i < people; ++i) {
        domain::Contact person;
        if (i < settings.care_team_emails.size()) person.email = settings.care_team_emails[i];
        if (i < settings.care_team_phones.size()) person.phone = settings.care_team_phones[i];
        ladder.people.push_back(std::move(person));
    }
    ladder.webhooks = settings.alert_webhook_urls;
    return ladder;
}

notify::SmtpSettings smtp_settings(const Settings& settings) {
    return {.host = settings.smtp_host,
            .port = static_cast<std::uint16_t>(settings.smtp_port),
            .user = settings.smtp_user,
            .password = settings.smtp_password,
            .from = settings.alert_from_email,
            .from_name = settings.organisation,
            .ca_file = {}};
}

}  // namespace

struct Alerts::Parts {
    Parts(const Settings& settings_, AlertDeps deps_)
        : settings(settings_),
          deps(deps_),
          ladder(service_ladder(settings)),
          outbox(
              deps.database.outbox(), deps.database.alerts(),
              [this](const domain::Alert& alert) { return ladder_of(alert); }, deps.database_pool) {
        open_channels();
        std::vector<notify::Channel*> open;
        for (const auto& channel : channels) open.push_back(channel.get());
        dispatcher = std::make_unique<notify::Dispatcher>(
            notify::DispatcherDeps{.executor = deps.executor,
                                   .outbox = outbox,
                                   .channels = std::move(open),
                                   .clock = deps.clock,
                                   .random = deps.random,
                                   .metrics = deps.metrics},
            notify::DispatcherSettings{
                .worker = "worker-" + deps.random.hex(8),
                .wording = {.public_origin = deps.public_origin, .organisation = settings.organisation},
                .covered = {settings.covered_channels.begin(), settings.covered_channels.end()}});
        escalator =
            std::make_unique<notify::Escalator>(notify::EscalatorDeps{.executor = deps.executor,
                                                                      .outbox = outbox,
                                                                      .clock = deps.clock,
                                                                      .metrics = deps.metrics,
                                                                      .on_queued = [this] { dispatcher->nudge(); }},
                                                notify::EscalatorSettings{});
    }

    void open_channels() {
        // Others find the alert in the list.
        channels.push_back(std::make_unique<notify::InAppChannel>([this](const AlertId& id) {
            if (deps.show) deps.show(id);
        }));
        if (can_mail(settings)) {
            mail_pool = std::make_unique<async::BlockingPool>(mails_at_once, mail_queue_max);
            channels.push_back(std::make_unique<notify::SmtpChannel>(smtp_settings(settings), *mail_pool, deps.clock));
        }
        if (can_text(settings))
            channels.push_back(std::make_unique<notify::SmsChannel>(deps.telephony, settings.twilio_phone_number));
        // The settings were checked: an empty secret means unsigned.
        const auto key = notify::webhook_key(settings.alert_webhook_secret);
        channels.push_back(
            std::make_unique<notify::WebhookChannel>(deps.http, key.has_value() ? *key : std::string(), deps.clock));
    }

    domain::CareLadder ladder_for(const domain::Patient& patient) const {
        auto all = domain::ladder_of(patient, ladder);
        for (auto& person : all.people) person = reachable(std::move(person), settings);
        std::erase(all.people, domain::Contact{});
        return all;
    }

    Result<domain::CareLadder> ladder_of(const domain::Alert& alert) const {
        const auto patient = deps.database.patients().find(alert.patient_id);
        if (patient.has_value()) return ladder_for(*patient);
        if (patient.error().code == Errc::not_found) return ladder_for(domain::Patient{});
        return patient.error();
    }

    domain::AlertPlan plan(const domain::Patient& patient, const domain::Alert& alert) const {
        const auto now = deps.clock.wall_now();
        auto quiet_until = now;
        if (settings.quiet_hours) {
            // What is not quiet is open.
            const domain::CallingHours open{settings.quiet_hours->to_minute, settings.quiet_hours->from_minute};
            quiet_until = domain::next_open(now, {settings.team_time_zone}, open, zones).value_or(now);
        }
        return domain::plan_alert(alert, ladder_for(patient), now, quiet_until);
    }

    const Settings& settings;
    AlertDeps deps;
    calls::SystemTimeZones zones;
    domain::CareLadder ladder;
    std::unique_ptr<async::BlockingPool> mail_pool;
    std::vector<std::unique_ptr<notify::Channel>> channels;
    notify::AsyncOutbox outbox;
    std::unique_ptr<notify::Dispatcher> dispatcher;
    std::unique_ptr<notify::Escalator> escalator;
};

Alerts::Alerts(const Settings& settings, AlertDeps deps) : parts_(std::make_unique<Parts>(settings, deps)) {}

Alerts::~Alerts() = default;

std::function<domain::AlertPlan(const domain::Patient&, const domain::Alert&)> Alerts::planner() const {
    return [parts = parts_.get()](const domain::Patient& patient, const domain::Alert& alert) {
        return parts->plan(patient, alert);
    };
}

void Alerts::nudge() {
    parts_->dispatcher->nudge();
}

void Alerts::start() {
    parts_->dispatcher->start();
    parts_->escalator->start();
}

async::Task<> Alerts::stop() {
    co_await parts_->escalator->stop();
    co_await parts_->dispatcher->stop();
}

}  // namespace carevoice::app
