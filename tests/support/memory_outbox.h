// The outbox's contract (storage/outbox.h) and the alerts behind it, in memory; and a view of it whose worker can die.
#pragma once

#include "storage/outbox.h"
#include "storage/repositories.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace carevoice::tests {

class MemoryAlerts final : public storage::AlertRepository {
public:
    Result<domain::Alert> find(const AlertId& id) override {
        const std::lock_guard lock(mutex);
        const auto found = alerts.find(id);
        if (found == alerts.end()) return Error{Errc::not_found, "no such alert"};
        return found->second;
    }
    Result<storage::Page<domain::Alert>> list(const storage::AlertFilter&, const storage::PageRequest&) override {
        return Error{Errc::internal, "not for this fake"};
    }
    Result<domain::Alert> set_status(const AlertId& id, domain::AlertStatus status, WallTime now,
                                     const std::string& by = {}, const std::string& = {}) override {
        const std::lock_guard lock(mutex);
        const auto found = alerts.find(id);
        if (found == alerts.end()) return Error{Errc::not_found, "no such alert"};
        found->second.status = status;
        found->second.updated_at = now;
        found->second.acknowledged_by = by;
        found->second.escalate_at.reset();
        return found->second;
    }
    Result<domain::Alert> add_note(const AlertId&, WallTime, const std::string&, const std::string&) override {
        return Error{Errc::internal, "not for this fake"};
    }
    void put(domain::Alert alert) {
        const std::lock_guard lock(mutex);
        alerts[alert.id] = std::move(alert);
    }

    std::mutex mutex;
    std::map<AlertId, domain::Alert> alerts;
};

class MemoryOutbox final : public storage::OutboxRepository {
public:
    explicit MemoryOutbox(MemoryAlerts& alerts) : alerts_(alerts) {}

    /// As TurnRecord::plan does: what is there already stays as it is.
    void put(const domain::Notification& notification, WallTime now) {
        const std::lock_guard lock(mutex_);
        queue(notification, now);
    }
    /// As AlertRepository::set_status() does: what the escalation had queued is withdrawn.
    void acknowledge(const AlertId& id, WallTime now) {
        (void)alerts_.set_status(id, domain::AlertStatus::acknowledged, now, "nurse");
        const std::lock_guard lock(mutex_);
        for (auto& [notification_id, row] : rows_) {
            const auto& notification = row.item.notification;
            if (notification.alert_id != id || notification.level == 0 || !open_.contains(notification_id)) continue;
            row.item.state = storage::DeliveryState::withdrawn;
            row.item.settled_at = now;
            open_.erase(notification_id);
        }
    }
    /// While set, every question ends with it.
    void break_down(std::optional<Error> failure) {
        const std::lock_guard lock(mutex_);
        failure_ = std::move(failure);
    }
    std::vector<storage::OutboxItem> all() {
        const std::lock_guard lock(mutex_);
        std::vector<storage::OutboxItem> items;
        for (const auto& [id, row] : rows_) items.push_back(row.item);
        return items;
    }
    /// When the next item is due or its lease ends; nullopt when nothing waits.
    std::optional<WallTime> next_event() {
        const std::lock_guard lock(mutex_);
        std::optional<WallTime> next;
        for (const auto& [id, row] : open_)
            if (!next || row->item.next_attempt_at < *next) next = row->item.next_attempt_at;
        return next;
    }

    Result<std::vector<storage::OutboxItem>> claim(const std::string& worker, WallTime now, milliseconds lease,
                                                   int limit) override {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        std::vector<Row*> due;
        for (const auto& [id, row] : open_)
            if (is_due(*row, now)) due.push_back(row);
        std::ranges::stable_sort(due, [](const Row* left, const Row* right) {
            const auto& a = left->item;
            const auto& b = right->item;
            if (a.notification.severity != b.notification.severity)
                return a.notification.severity > b.notification.severity;
            return a.next_attempt_at < b.next_attempt_at;
        });
        std::vector<storage::OutboxItem> claimed;
        for (Row* row : due) {
            if (claimed.size() == static_cast<std::size_t>(limit)) break;
            row->item.state = storage::DeliveryState::leased;
            ++row->item.attempts;
            row->worker = worker;
            row->item.next_attempt_at = now + lease;
            claimed.push_back(row->item);
        }
        return claimed;
    }

    Result<bool> delivered(const NotificationId& id, const std::string& worker, const std::string& receipt,
                           WallTime now) override {
        const auto change = [&](storage::OutboxItem& item) {
            item.state = storage::DeliveryState::delivered;
            item.receipt = receipt;
            item.settled_at = now;
        };
        return settle(id, worker, change, true);
    }
    Result<bool> failed(const NotificationId& id, const std::string& worker, const std::string& error,
                        WallTime try_again_at, const std::optional<domain::Notification>& backup) override {
        return settle(id, worker, [&](storage::OutboxItem& item) {
            item.state = storage::DeliveryState::queued;
            item.last_error = error;
            item.next_attempt_at = try_again_at;
            if (backup) queue(*backup, backup->not_before);
        });
    }
    Result<bool> buried(const NotificationId& id, const std::string& worker, const std::string& error,
                        WallTime now) override {
        return settle(id, worker, [&](storage::OutboxItem& item) {
            item.state = storage::DeliveryState::dead;
            item.last_error = error;
            item.settled_at = now;
        });
    }

    Result<> revive(const NotificationId& id, WallTime now) override {
        const std::lock_guard lock(mutex_);
        const auto found = rows_.find(id);
        if (found == rows_.end()) return Error{Errc::not_found, "no such notification"};
        auto& item = found->second.item;
        if (item.state != storage::DeliveryState::dead) return Error{Errc::conflict, "it is not dead"};
        item.state = storage::DeliveryState::queued;
        item.attempts = 0;
        item.next_attempt_at = now;
        item.settled_at.reset();
        open_[id] = &found->second;
        return {};
    }
    Result<storage::OutboxItem> find(const NotificationId& id) override {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        const auto found = rows_.find(id);
        if (found == rows_.end()) return Error{Errc::not_found, "no such notification"};
        return found->second.item;
    }
    Result<storage::Page<storage::OutboxItem>> list(const storage::OutboxFilter&,
                                                    const storage::PageRequest&) override {
        return Error{Errc::internal, "not for this fake"};
    }
    Result<storage::OutboxCounts> counts(WallTime now) override {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        storage::OutboxCounts counts;
        for (const auto& [id, row] : rows_) {
            const auto state = row.item.state;
            counts.dead += state == storage::DeliveryState::dead;
            counts.queued += state == storage::DeliveryState::queued || state == storage::DeliveryState::leased;
            if (open_.contains(id) && is_due(row, now))
                counts.oldest_due = std::max(counts.oldest_due, now - row.item.next_attempt_at);
        }
        return counts;
    }

    Result<std::vector<domain::Alert>> due_escalations(WallTime now, int limit) override {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        const std::lock_guard alerts_lock(alerts_.mutex);
        std::vector<domain::Alert> due;
        for (const auto& [id, alert] : alerts_.alerts)
            if (alert.status == domain::AlertStatus::open && alert.escalate_at && *alert.escalate_at <= now)
                due.push_back(alert);
        std::ranges::stable_sort(due, std::greater<>(), &domain::Alert::severity);
        if (due.size() > static_cast<std::size_t>(limit)) due.resize(static_cast<std::size_t>(limit));
        return due;
    }
    Result<bool> escalate(const AlertId& id, int level, const domain::AlertPlan& plan, WallTime now) override {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        const std::lock_guard alerts_lock(alerts_.mutex);
        const auto found = alerts_.alerts.find(id);
        if (found == alerts_.alerts.end()) return false;
        auto& alert = found->second;
        const bool is_due = alert.escalate_at && *alert.escalate_at <= now;
        if (alert.status != domain::AlertStatus::open || !is_due || alert.escalation_level >= level) return false;
        alert.escalation_level = level;
        alert.escalate_at = plan.escalate_at;
        for (const auto& notification : plan.notifications) queue(notification, now);
        return true;
    }

private:
    struct Row {
        storage::OutboxItem item;
        std::string worker = {};
    };

    static bool is_due(const Row& row, WallTime now) { return row.item.next_attempt_at <= now; }

    void queue(const domain::Notification& notification, WallTime now) {
        const auto [place, is_new] = rows_.try_emplace(notification.id);
        if (!is_new) return;
        auto& item = place->second.item;
        item.notification = notification;
        item.next_attempt_at = std::max(now, notification.not_before);
        item.created_at = now;
        open_[notification.id] = &place->second;
    }

    template <class Change>
    Result<bool> settle(const NotificationId& id, const std::string& worker, const Change& change,
                        bool even_withdrawn = false) {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        const auto found = rows_.find(id);
        if (found == rows_.end()) return false;
        auto& row = found->second;
        const bool is_withdrawn = even_withdrawn && row.item.state == storage::DeliveryState::withdrawn;
        const bool is_leased = row.item.state == storage::DeliveryState::leased;
        if ((!is_leased && !is_withdrawn) || row.worker != worker) return false;
        change(row.item);
        if (row.item.state != storage::DeliveryState::queued) open_.erase(id);
        return true;
    }

    MemoryAlerts& alerts_;
    std::mutex mutex_;
    std::map<NotificationId, Row> rows_;
    std::map<NotificationId, Row*> open_;  ///< queued or leased
    std::optional<Error> failure_;
};

/// The same outbox as seen by one worker, until the worker dies: after that nothing it says arrives.
class MortalOutbox final : public storage::OutboxRepository {
public:
    explicit MortalOutbox(MemoryOutbox& outbox) : outbox_(outbox) {}

    std::atomic<bool> dead{false};
    /// Deliveries that it wanted to report after its death.
    std::vector<NotificationId> unheard() {
        const std::lock_guard lock(mutex_);
        return unheard_;
    }

    Result<std::vector<storage::OutboxItem>> claim(const std::string& worker, WallTime now, milliseconds lease,
                                                   int limit) override {
        return alive([&] { return outbox_.claim(worker, now, lease, limit); });
    }
    Result<bool> delivered(const NotificationId& id, const std::string& worker, const std::string& receipt,
                           WallTime now) override {
        if (dead) {
            const std::lock_guard lock(mutex_);
            unheard_.push_back(id);
        }
        return alive([&] { return outbox_.delivered(id, worker, receipt, now); });
    }
    Result<bool> failed(const NotificationId& id, const std::string& worker, const std::string& error,
                        WallTime try_again_at, const std::optional<domain::Notification>& backup) override {
        return alive([&] { return outbox_.failed(id, worker, error, try_again_at, backup); });
    }
    Result<bool> buried(const NotificationId& id, const std::string& worker, const std::string& error,
                        WallTime now) override {
        return alive([&] { return outbox_.buried(id, worker, error, now); });
    }
    Result<> revive(const NotificationId& id, WallTime now) override {
        return alive([&] { return outbox_.revive(id, now); });
    }
    Result<storage::OutboxItem> find(const NotificationId& id) override {
        return alive([&] { return outbox_.find(id); });
    }
    Result<storage::Page<storage::OutboxItem>> list(const storage::OutboxFilter& filter,
                                                    const storage::PageRequest& page) override {
        return alive([&] { return outbox_.list(filter, page); });
    }
    Result<storage::OutboxCounts> counts(WallTime now) override {
        return alive([&] { return outbox_.counts(now); });
    }
    Result<std::vector<domain::Alert>> due_escalations(WallTime now, int limit) override {
        return alive([&] { return outbox_.due_escalations(now, limit); });
    }
    Result<bool> escalate(const AlertId& id, int level, const domain::AlertPlan& plan, WallTime now) override {
        return alive([&] { return outbox_.escalate(id, level, plan, now); });
    }

private:
    template <class Question>
    auto alive(const Question& question) -> decltype(question()) {
        if (dead) return Error{Errc::cancelled, "this worker is dead"};
        return question();
    }

    MemoryOutbox& outbox_;
    std::mutex mutex_;
    std::vector<NotificationId> unheard_;
};

}  // namespace carevoice::tests
