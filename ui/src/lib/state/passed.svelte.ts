/** Whether somebody was asked for their topics in this browser, and went on; signing out forgets it. */

const KEY = "bowerbird:topics-asked";

class Passed {
  topics = $state(localStorage.getItem(KEY) !== null);

  note(): void {
    this.topics = true;
    localStorage.setItem(KEY, "yes");
  }

  forget(): void {
    this.topics = false;
    localStorage.removeItem(KEY);
  }
}

export const passed = new Passed();
