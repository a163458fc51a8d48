/** What Grafana replaces by the value of a variable: `name`, or `name:format`. */
export const placeholder = (variable: string): string => `$\{${variable}}`;

/** … by that label of the series that is clicked on. */
export const clicked = (label: string): string => placeholder(`__field.labels.${label}`);
