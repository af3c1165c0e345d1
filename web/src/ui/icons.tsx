// The few signs the wall uses. All are decoration beside words: hidden from screen readers.
import type { ComponentChildren } from 'preact';

function Icon({ children, filled = false }: { children: ComponentChildren; filled?: boolean }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      fill={filled ? 'currentColor' : 'none'}
      stroke={filled ? 'none' : 'currentColor'}
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      {children}
    </svg>
  );
}

export const TodayIcon = () => <Icon><rect x="3" y="5" width="18" height="16" rx="2.5" /><path d="M3 10h18M8 3v4M16 3v4M8 15l2.5 2.5L16 13" /></Icon>;
export const BellIcon = () => <Icon><path d="M6 16V11a6 6 0 0 1 12 0v5l2 2.5H4L6 16zM10 21.5h4" /></Icon>;
export const PhoneIcon = () => <Icon><path d="M5 3.5h4l1.8 4.6-2.4 1.7a12 12 0 0 0 5.8 5.8l1.7-2.4 4.6 1.8v4a1.6 1.6 0 0 1-1.8 1.5A17 17 0 0 1 3.5 5.3 1.6 1.6 0 0 1 5 3.5z" /></Icon>;
export const PeopleIcon = () => <Icon><circle cx="9" cy="8" r="3.5" /><path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.6 3.5 5.5" /></Icon>;
export const ChartIcon = () => <Icon><path d="M4 4v16h16M8 16v-4M12.5 16V8M17 16v-6" /></Icon>;
export const PlanIcon = () => <Icon><circle cx="12" cy="12" r="8.5" /><path d="M12 7v5.5l3.5 2" /></Icon>;
export const PulseIcon = () => <Icon><path d="M2.5 13h4l2.5-7 5 13 3-8.5 1.5 2.5h3" /></Icon>;
export const WarnIcon = () => <Icon><path d="M12 4 2.8 20h18.4zM12 10v4.5M12 17.3v.2" /></Icon>;
export const CheckIcon = () => <Icon><path d="m5 12.5 4.5 4.5L19 7.5" /></Icon>;
export const CrossIcon = () => <Icon><path d="M6 6l12 12M18 6 6 18" /></Icon>;
export const QuoteIcon = () => <Icon><path d="M5 17V12a5 5 0 0 1 4-5M14 17v-5a5 5 0 0 1 4-5M5 12h4v5H5zM14 12h4v5h-4z" /></Icon>;
export const MoreIcon = () => <Icon><path d="M4 7h16M4 12h16M4 17h16" /></Icon>;
export const HangUpIcon = () => <Icon><path d="M3 14.5c5-5 13-5 18 0l-2.5 3-4-1.7v-2.3a9 9 0 0 0-5 0v2.3l-4 1.7z" /></Icon>;
export const MicIcon = () => <Icon><rect x="9" y="3" width="6" height="11" rx="3" /><path d="M5 11.5a7 7 0 0 0 14 0M12 18.5V21" /></Icon>;
export const DownloadIcon = () => <Icon><path d="M12 4v11M7.5 11 12 15.5 16.5 11M4 20h16" /></Icon>;
export const MoonIcon = () => <Icon><path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" /></Icon>;

/** One shape for each severity, so that it can be told without colour. */
export function SeverityShape({ severity }: { severity: string }) {
  switch (severity) {
    case 'critical':
      return <Icon filled><path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z" /><path d="M12 6.5v7M12 17v.3" stroke="var(--on-severity)" stroke-width="2.8" stroke-linecap="round" /></Icon>;
    case 'urgent':
      return <Icon filled><path d="M12 2.5 23 21.5H1z" /><path d="M12 9.5v5.5M12 18v.2" stroke="var(--on-severity)" stroke-width="2.6" stroke-linecap="round" /></Icon>;
    case 'high':
      return <Icon filled><path d="M12 1.5 22.5 12 12 22.5 1.5 12z" /></Icon>;
    case 'moderate':
      return <Icon filled><circle cx="12" cy="12" r="9" /></Icon>;
    default:
      return <Icon><circle cx="12" cy="12" r="8" /></Icon>;
  }
}
