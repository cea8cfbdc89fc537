const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Local date and time to the second: `2026-03-14 09:26:03`. */
export function timeText(at: string | undefined): string {
  if (at === undefined) return "—";
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** As `ls -l` shows it: `Mar 14 09:26`, without the hour for another year. */
export function shortTimeText(at: string, now: Date): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const day = `${MONTHS[date.getMonth()]} ${two(date.getDate())}`;
  if (date.getFullYear() !== now.getFullYear()) return `${day}  ${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `0.42 s`, `9.5 s`, `42 s`, `4 m 10 s`, `2 h 5 m`, `3 d 4 h`. */
export function durationText(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "—";
  const seconds = milliseconds / 1000;
  if (seconds < 59.5) return `${seconds.toFixed(seconds < 0.995 ? 2 : seconds < 9.95 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
