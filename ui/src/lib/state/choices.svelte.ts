/** The boards that one can save to: one's own, and others' that one may edit. */
import { api, type Board, must, once } from "../api/client.ts";
import { asProblem, type Problem } from "../api/problem.ts";
import { boardMade } from "./memory.svelte.ts";

const LAST = "bowerbird:last-board";
const PAGES_MAX = 10;
const LIMIT = 100;

class Choices {
  boards = $state.raw<Board[]>([]);
  ready = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** The board that was saved to last, or else the first. */
  get usual(): Board | undefined {
    const last = localStorage.getItem(LAST);
    return this.boards.find((board) => board.id === last) ?? this.boards[0];
  }

  noteUsed(board: string): void {
    localStorage.setItem(LAST, board);
  }

  async load(): Promise<void> {
    this.problem = null;
    try {
      const [mine, shared] = await Promise.all([this.#read(false), this.#read(true)]);
      this.boards = [...mine, ...shared.filter((board) => board.rights === "editor")];
      this.ready = true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  async #read(shared: boolean): Promise<Board[]> {
    const boards: Board[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query = {
        limit: LIMIT,
        ...(shared ? { shared: "with-me" as const } : {}),
        ...(cursor ? { cursor } : {}),
      };
      const { items, next } = await must(api.GET("/v1/boards", { params: { query } }));
      boards.push(...items);
      if (next === null) break;
      cursor = next;
    }
    return boards;
  }

  /** Makes a board and puts it first. */
  async make(name: string, visibility: Board["visibility"], description = ""): Promise<Board> {
    const board = await must(
      api.POST("/v1/boards", { body: { name, description, visibility }, params: { header: once() } }),
    );
    this.boards = [board, ...this.boards];
    boardMade(board);
    return board;
  }
}

export const choices = new Choices();
