/** A form on its way: whether it is being sent, and which field its problem belongs to. */
import { tick } from "svelte";
import { asProblem, type Problem, sayProblem } from "../api/problem.ts";

export class Form {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  readonly #fields: readonly string[];

  /** `fields`: the names, in the API, of those that the form has. */
  constructor(...fields: string[]) {
    this.#fields = fields;
  }

  /** What is wrong with a field, if that is what is wrong. */
  error(field: string): string | undefined {
    return this.problem?.field === field ? sayProblem(this.problem) : undefined;
  }

  /** What is wrong that belongs to no field. */
  get rest(): string | undefined {
    if (!this.problem || this.#fields.includes(this.problem.field)) return undefined;
    return sayProblem(this.problem);
  }

  /** Does `work`, once at a time; on a problem puts the focus into the field at fault. Returns whether it was done. */
  async send(event: SubmitEvent | null, work: () => Promise<void>): Promise<boolean> {
    event?.preventDefault();
    if (this.busy) return false;
    const form = event?.currentTarget;
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      await tick();
      if (form instanceof HTMLFormElement) form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
      return false;
    } finally {
      this.busy = false;
    }
  }
}
