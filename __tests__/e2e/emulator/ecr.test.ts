import { randomBytes } from "node:crypto";
import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  ListImageReferrersCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { IMAGE_TYPE, INDEX_TYPE, newTag, sha256, TestRepository } from "../support/test-images";
import { useEmulator } from "../support/use-emulator";

const MIB = 1024 * 1024;
const repositoryName = "images";

const aws = useEmulator();
const ecr = new ECRClient(aws.config);
const repository = new TestRepository(ecr, repositoryName);

beforeAll(() => repository.create());

const availability = async (layerDigest: string) => {
  const layerDigests = [layerDigest];
  const { layers } = await ecr.send(
    new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }),
  );
  return layers?.[0]?.layerAvailability;
};

const downloadUrl = (layerDigest: string) =>
  ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }));

describe("layers", () => {
  test("come back as they were uploaded, in parts, once an image names them", async () => {
    const content = randomBytes(7 * MIB);
    expect(await availability(sha256(content))).toBe("UNAVAILABLE");
    const layer = await repository.pushLayer(content, undefined, 5 * MIB);
    expect(await availability(layer.digest)).toBe("AVAILABLE");
    await expect(downloadUrl(layer.digest)).rejects.toMatchObject({
      name: "LayersNotFoundException",
    });

    await repository.putManifest({ mediaType: IMAGE_TYPE, layers: [layer] });
    const { downloadUrl: url = "" } = await downloadUrl(layer.digest);
    const response = await fetch(url);
    expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(layer.digest);
    expect((await fetch(`${url}0`)).status).toBe(404);
  });

  const upload = async (parts: readonly (readonly [first: number, part: Buffer])[]) => {
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    for (const [partFirstByte, layerPartBlob] of parts) {
      const partLastByte = partFirstByte + layerPartBlob.length - 1;
      await ecr.send(
        new UploadLayerPartCommand({
          repositoryName,
          uploadId,
          partFirstByte,
          partLastByte,
          layerPartBlob,
        }),
      );
    }
    const layerDigests = [sha256(Buffer.concat(parts.map(([, part]) => part)))];
    return { repositoryName, uploadId, layerDigests };
  };
  const complete = async (parts: readonly (readonly [number, Buffer])[]) =>
    ecr.send(new CompleteLayerUploadCommand(await upload(parts)));

  test("are refused when they are not what their digest says, empty, or there", async () => {
    const part = randomBytes(10);
    const wrong = { ...(await upload([[0, part]])), layerDigests: [sha256("other")] };
    await expect(ecr.send(new CompleteLayerUploadCommand(wrong))).rejects.toMatchObject({
      name: "InvalidLayerException",
    });
    await expect(complete([])).rejects.toMatchObject({ name: "EmptyUploadException" });
    await complete([[0, part]]);
    await expect(complete([[0, part]])).rejects.toMatchObject({
      name: "LayerAlreadyExistsException",
    });
  });

  test("are refused when a part leaves a gap, or one before the last is too small", async () => {
    const part = randomBytes(10);
    const gap = complete([[0, part], [11, part]]); // prettier-ignore
    await expect(gap).rejects.toMatchObject({ name: "InvalidLayerPartException" });
    const small = complete([[0, part], [10, part]]); // prettier-ignore
    await expect(small).rejects.toMatchObject({ name: "LayerPartTooSmallException" });
    const wrong = { ...(await upload([[0, part]])), uploadId: "none" };
    await expect(ecr.send(new CompleteLayerUploadCommand(wrong))).rejects.toMatchObject({
      name: "UploadNotFoundException",
    });
  });
});

describe("an image", () => {
  const missing = { mediaType: IMAGE_TYPE, digest: sha256("missing"), size: 7 };

  test("is refused while what it names is not there", async () => {
    const tag = newTag();
    await expect(
      repository.putManifest({ mediaType: IMAGE_TYPE, config: missing, layers: [] }, tag),
    ).rejects.toMatchObject({ name: "LayersNotFoundException" });
    await expect(
      repository.putManifest({ mediaType: INDEX_TYPE, manifests: [missing] }, tag),
    ).rejects.toMatchObject({ name: "ReferencedImagesNotFoundException" });
    expect(await repository.digest(tag)).toBeUndefined();
  });

  test("has the digest of its manifest, and no other", async () => {
    const { digest } = await repository.putImage();
    const imageManifest = await repository.manifest({ imageDigest: digest });
    expect(sha256(imageManifest ?? "")).toBe(digest);
    const put = new PutImageCommand({
      repositoryName,
      imageManifest,
      imageDigest: sha256("other"),
    });
    await expect(ecr.send(put)).rejects.toMatchObject({ name: "ImageDigestDoesNotMatchException" });
  });

  test("takes another tag, and none that is taken, nor its own again", async () => {
    const [one, two, taken] = [newTag(), newTag(), newTag()];
    const { digest } = await repository.putImage({ tag: one });
    await repository.putImage({ tag: taken });
    const imageManifest = await repository.manifest({ imageDigest: digest });
    const put = (imageTag?: string) =>
      ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag }));
    await put(two);
    expect([await repository.digest(one), await repository.digest(two)]).toEqual([digest, digest]);
    await expect(put(two)).rejects.toMatchObject({ name: "ImageAlreadyExistsException" });
    await expect(put()).rejects.toMatchObject({ name: "ImageAlreadyExistsException" });
    await expect(put(taken)).rejects.toMatchObject({ name: "ImageTagAlreadyExistsException" });
  });

  test("is told what refers to it", async () => {
    const image = await repository.putImage();
    const referrer = await repository.putImage({ subject: image, artifactType: "text/signature" });
    const { referrers } = await ecr.send(
      new ListImageReferrersCommand({ repositoryName, subjectId: { imageDigest: image.digest } }),
    );
    expect(referrers).toMatchObject([{ digest: referrer.digest, artifactType: "text/signature" }]);
  });
});
