/**
 * Distributions of well-known modules whose names differ, for modules that are not installed. What is
 * installed is told by its own metadata, never by this table.
 */
const DISTRIBUTION_OF_MODULE: { readonly [module: string]: string } = {
  attr: "attrs",
  bs4: "beautifulsoup4",
  Crypto: "pycryptodome",
  cv2: "opencv-python",
  dateutil: "python-dateutil",
  docx: "python-docx",
  dotenv: "python-dotenv",
  faiss: "faiss-cpu",
  fitz: "PyMuPDF",
  git: "GitPython",
  github: "PyGithub",
  googleapiclient: "google-api-python-client",
  "google.auth": "google-auth",
  "google.protobuf": "protobuf",
  grpc: "grpcio",
  imblearn: "imbalanced-learn",
  jose: "python-jose",
  jwt: "PyJWT",
  Levenshtein: "python-Levenshtein",
  magic: "python-magic",
  mpl_toolkits: "matplotlib",
  MySQLdb: "mysqlclient",
  nacl: "PyNaCl",
  OpenSSL: "pyOpenSSL",
  osgeo: "GDAL",
  PIL: "pillow",
  pkg_resources: "setuptools",
  pptx: "python-pptx",
  psycopg2: "psycopg2-binary",
  pylab: "matplotlib",
  pywt: "PyWavelets",
  ruamel: "ruamel.yaml",
  serial: "pyserial",
  skimage: "scikit-image",
  sklearn: "scikit-learn",
  skopt: "scikit-optimize",
  slugify: "python-slugify",
  snappy: "python-snappy",
  socks: "PySocks",
  telegram: "python-telegram-bot",
  umap: "umap-learn",
  usb: "pyusb",
  win32api: "pywin32",
  win32com: "pywin32",
  yaml: "PyYAML",
  zmq: "pyzmq",
};

/** Names that many distributions share, each called after its place in it: google.cloud.x, google-cloud-x. */
const NAMESPACES = new Set(["azure", "google"]);

/** The name to look for on an index, by the longest known prefix of the dotted module. */
export function likelyDistribution(module: string): string {
  const parts = module.split(".");
  for (let depth = parts.length; depth > 0; depth--) {
    const name = parts.slice(0, depth).join(".");
    if (Object.hasOwn(DISTRIBUTION_OF_MODULE, name)) return DISTRIBUTION_OF_MODULE[name] as string;
  }
  const top = parts[0] as string;
  if (!NAMESPACES.has(top)) return top;
  return parts
    .filter((part) => !/^[A-Z]/.test(part))
    .slice(0, 3)
    .join("-");
}
