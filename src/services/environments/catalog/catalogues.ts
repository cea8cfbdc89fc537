import { errors } from "../../../protocol/errors.ts";
import type { EnvironmentCatalogResult } from "../../../protocol/types.ts";
import { providersOf } from "../../plugins/providers.ts";
import type { Catalogue, CatalogueChoice, CatalogueListing } from "../../ports/catalogue.ts";
import type { OpenProject } from "../../project/open-project.ts";
import { ownCatalogue } from "./catalogue.ts";
import { pluginCatalogue } from "./plugin-catalogue.ts";

/** An entry with the catalogue that it is of, by the name that a person says. */
interface Offer {
  readonly framework: string;
  readonly listing: CatalogueListing;
  readonly catalogue: Catalogue;
}

/** What can be set up; without a project datmo's own entries only. */
export async function listCatalogue(
  project: OpenProject | undefined,
  signal: AbortSignal,
): Promise<EnvironmentCatalogResult> {
  const problems: string[] = [];
  const offers = await offersOf(project, signal, (error) => problems.push((error as Error).message));
  return {
    entries: offers.map(({ framework, listing, catalogue: { plugin } }) => ({
      framework,
      description: listing.description,
      variants: listing.variants.map(({ type, language, image }) => ({ type, language, image })),
      ...(plugin === undefined ? {} : { plugin }),
    })),
    ...(problems.length > 0 ? { problems } : {}),
  };
}

/** What was chosen; what was not said is the default. Throws CATALOGUE_UNKNOWN and what a plugin's call may. */
export async function chooseEntry(
  project: OpenProject,
  choice: { readonly framework?: string; readonly type?: string; readonly language?: string },
  signal: AbortSignal,
): Promise<{
  readonly framework: string;
  readonly description: string;
  readonly choice: CatalogueChoice;
  readonly files: ReadonlyMap<string, string>;
}> {
  const own = await ownOffers(signal);
  const { framework = own[0]?.framework ?? "", type = "cpu", language } = choice;
  const offers = own.some((one) => one.framework === framework)
    ? own
    : // What cannot be asked may be what is wanted.
      await offersOf(project, signal, (error) => {
        throw error;
      });
  const offer = offers.find((one) => one.framework === framework);
  if (!offer) throw unknown("framework", framework, [...offers.map((one) => one.framework), "requirements"]);
  const { listing, catalogue } = offer;
  const ofType = listing.variants.filter((variant) => variant.type === type);
  if (ofType.length === 0) throw unknown("type", type, unique(listing.variants.map((one) => one.type)));
  const chosen =
    language === undefined ? ofType[0] : ofType.find((one) => one.language === language.toLowerCase());
  if (!chosen) throw unknown("language", language ?? "", unique(ofType.map((one) => one.language)));
  const files = await catalogue.files(listing.framework, chosen, signal);
  return { framework, description: listing.description, choice: chosen, files };
}

async function offersOf(
  project: OpenProject | undefined,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<Offer[]> {
  const offers = await ownOffers(signal);
  for (const provider of project ? await providersOf(project, "environment") : []) {
    const catalogue = pluginCatalogue(project as OpenProject, provider);
    try {
      for (const listing of await catalogue.entries(signal)) {
        // A plugin never stands in for what was there before it.
        const taken = offers.some((one) => one.framework === listing.framework);
        const framework = taken ? `${catalogue.plugin}/${listing.framework}` : listing.framework;
        offers.push({ framework, listing, catalogue });
      }
    } catch (error) {
      failed(error);
    }
  }
  return offers;
}

async function ownOffers(signal: AbortSignal): Promise<Offer[]> {
  const listings = await ownCatalogue.entries(signal);
  return listings.map((listing) => ({
    framework: listing.framework,
    listing,
    catalogue: ownCatalogue,
  }));
}

function unknown(what: string, value: string, known: readonly string[]): Error {
  return errors.CATALOGUE_UNKNOWN({ what, value, known: known.join(", ") });
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}
