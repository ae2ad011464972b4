/** One of a few, all of them in sight: a row of radio buttons that looks like one control. */
import { RadioGroup } from "radix-ui";

export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; text: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(chosen) => onChange(chosen as T)}
      orientation="horizontal"
      className="inline-flex gap-0.5 rounded-m bg-sunken p-0.5"
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          className="h-8 rounded-s px-3 text-muted text-s transition-colors hover:text-ink data-[state=checked]:bg-raised data-[state=checked]:font-bold data-[state=checked]:text-ink"
        >
          {option.text}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
