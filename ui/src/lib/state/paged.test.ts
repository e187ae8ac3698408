import { describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem.ts";
import { Paged } from "./paged.svelte.ts";

interface Thing {
  id: string;
  text?: string;
}
const things = (...ids: string[]) => ids.map((id): Thing => ({ id }));

function scripted(pages: Record<string, { items: Thing[]; next: string | null }>) {
  const asked: (string | undefined)[] = [];
  const list = new Paged<Thing>(
    (cursor) => {
      asked.push(cursor);
      const page = pages[cursor ?? ""];
      return page ? Promise.resolve(page) : Promise.reject(new Problem("unavailable", "Not now."));
    },
    (thing) => thing.id,
  );
  return { list, asked };
}

describe("Paged", () => {
  it("reads on by cursor to the end, and shows nothing twice", async () => {
    const { list, asked } = scripted({
      "": { items: things("a", "b"), next: "1" },
      "1": { items: things("b", "c"), next: null },
    });
    await list.load();
    expect(list.more).toBe(true);
    await list.load();
    await list.load();
    expect(list.items.map((item) => item.id)).toEqual(["a", "b", "c"]);
    expect(asked).toEqual([undefined, "1"]);
    expect(list.more).toBe(false);
  });

  it("begins once, and not again by itself when that failed", async () => {
    const { list, asked } = scripted({});
    list.begin();
    await vi.waitFor(() => expect(list.problem?.code).toBe("unavailable"));
    list.begin();
    expect(asked).toEqual([undefined]);
    await list.load();
    expect(asked).toEqual([undefined, undefined]);
  });

  it("asks on past empty pages, a few times", async () => {
    const empty = (next: string) => ({ items: [], next });
    const { list, asked } = scripted({
      "": empty("1"),
      "1": empty("2"),
      "2": { items: things("a"), next: null },
    });
    await list.load();
    expect(asked).toHaveLength(3);
    expect(list.items).toHaveLength(1);
    const endless = scripted({ "": empty("") });
    await endless.list.load();
    expect(endless.asked).toHaveLength(4);
    expect(endless.list.more).toBe(true);
  });

  it("keeps what it has when a page fails, and goes on from there", async () => {
    const pages: Record<string, { items: Thing[]; next: string | null }> = {
      "": { items: things("a"), next: "1" },
    };
    const { list } = scripted(pages);
    await list.load();
    await list.load();
    expect(list.problem?.code).toBe("unavailable");
    expect(list.items).toHaveLength(1);
    pages["1"] = { items: things("b"), next: null };
    await list.load();
    expect(list.problem).toBeNull();
    expect(list.items).toHaveLength(2);
  });

  it("does not read a page twice at the same time", async () => {
    const { list, asked } = scripted({ "": { items: things("a"), next: null } });
    await Promise.all([list.load(), list.load()]);
    expect(asked).toHaveLength(1);
  });

  it("takes out and puts back where it was, though more came and another went meanwhile", async () => {
    const { list } = scripted({
      "": { items: things("a", "b", "c", "d"), next: "1" },
      "1": { items: things("b", "e"), next: null },
    });
    await list.load();
    const putBack = list.takeOut(({ id }) => id === "b" || id === "d");
    expect(list.items.map(({ id }) => id)).toEqual(["a", "c"]);
    putBack();
    expect(list.items.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
    const putTwo = list.takeOut(({ id }) => id === "b" || id === "d");
    await list.load();
    list.remove("c");
    putTwo();
    // What the server gave again meanwhile is not there twice.
    expect(list.items.map(({ id }) => id)).toEqual(["a", "b", "e", "d"]);
  });

  it("puts, changes and removes", async () => {
    const { list } = scripted({ "": { items: things("a", "b"), next: null } });
    await list.load();
    list.put({ id: "c" });
    list.put({ id: "a", text: "new" });
    list.change("b", (item) => ({ ...item, text: "changed" }));
    list.remove("nothing");
    expect(list.items).toEqual([{ id: "c" }, { id: "a", text: "new" }, { id: "b", text: "changed" }]);
    list.remove("c");
    expect(list.has("c")).toBe(false);
  });
});
