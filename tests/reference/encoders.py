"""Writes tests/Runtime.Tests/reference/encoders.json: what torchvision's classifiers make of pictures before their heads, given weights and pictures by
the rule of rule.py, in double precision. For each: trained parameters, a digest of names and shapes, features in evaluation at each resolution, and
for some the gradients of sum(y * cos(0, 1, 2, ...)) in training. SegFormer's, HRNet's and DINO's encoders come from backbones.py. Needs torch and torchvision.

    python3 tests/reference/encoders.py [NAME ...]
"""
import hashlib
import json
import pathlib
import sys

import torch
import torchvision

import backbones
import rule

SIZE, SAMPLES, GRADIENTS, SHOWN = 64, 12, 3, 16
COMPUTED = ("relative_position_index", "relative_coords_table")
TARGET = pathlib.Path(__file__).parents[1] / "Runtime.Tests" / "reference" / "encoders.json"
RESNETS = ("resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2")
OTHERS = ("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3",
          "efficientnet_b4", "efficientnet_v2_s", "convnext_tiny", "convnext_small", "convnext_base")
OWN = ("mit_b0", "mit_b2", "mit_b5", "hrnet_w18", "hrnet_w32", "hrnet_w48", "dinov2_vits14", "dinov2_vits14_reg", "dinov3_vits16")
TRANSFORMERS = ("vit_b_16", "swin_t", "swin_v2_t")
TRAINED = ("mit_b0", "hrnet_w18", "resnext50_32x4d", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny",
           "swin_t", "swin_v2_t", "dinov2_vits14_reg", "dinov3_vits16")


def build(name):
    """(the classifier, the names of its stages)"""
    if name.startswith("dino"):
        return backbones.dino(name), None
    if name in OWN:
        return (backbones.mit(name[4:]) if name.startswith("mit") else backbones.HrNet(int(name[7:]))), None
    if name == "mobilenet_v3_large_dilated":
        net = torchvision.models.mobilenet_v3_large(weights=None, dilated=True)
    else:
        net = getattr(torchvision.models, name)(weights=None)
        for module in net.modules():
            if isinstance(module, torchvision.ops.StochasticDepth):
                module.p = 0.0
    if "res" in name:
        return net, ["layer1", "layer2", "layer3", "layer4"]
    if name.startswith("vit"):
        return net, ["encoder"]
    return net, [f"features.{i}" for i in range(len(net.features))]


def features(net, stages, x):
    """The last stage at each resolution: {divisor: map}"""
    if stages is None:
        return net.maps(x)
    found = {}

    def keep(module, inputs, y):
        if isinstance(net, torchvision.models.VisionTransformer):
            side = x.shape[2] // net.patch_size
            y = y[:, 1:].transpose(1, 2).unflatten(2, (side, side))
        elif isinstance(net, torchvision.models.SwinTransformer):
            y = y.permute(0, 3, 1, 2)
        found[x.shape[2] // y.shape[2]] = y

    hooks = [net.get_submodule(s).register_forward_hook(keep) for s in stages]
    net(x)
    for hook in hooks:
        hook.remove()
    return found


def size_of(name):
    return 70 if name.startswith("dinov2") else SIZE


def digits(value):
    return float(f"{float(value):.8g}")


def sample(key, tensor, count):
    flat = tensor.detach().reshape(-1)
    return [digits(flat.abs().max()), digits(flat.norm()), *(digits(flat[i]) for i in rule.positions(key, flat.numel(), count))]


def run(name):
    net, stages = build(name)
    size = size_of(name)
    others = ("fc.", "classifier.", "heads.", "head.") + (("norm.",) if name.startswith("swin") else ())
    state = {k: v for k, v in net.state_dict().items() if not k.startswith(others)}
    values = {k: torch.from_numpy(rule.parameter("trunk." + k, v.shape)) for k, v in state.items() if not k.endswith(COMPUTED)}
    if name.startswith("vit"):
        # torchvision's network has one size of picture: this is how it brings positions to another.
        net = getattr(torchvision.models, name)(weights=None, image_size=size)
        values = torchvision.models.vision_transformer.interpolate_embeddings(size, net.patch_size, dict(values))
    net.load_state_dict(values, strict=False)
    net = net.double().eval()
    lines = sorted(f"{k} {'x'.join(map(str, v.shape)) or 'scalar'}\n" for k, v in state.items())
    x = torch.from_numpy(rule.normalise(rule.pictures(2, size, size))).double()
    with torch.no_grad():
        evaluated = features(net, stages, x)
    trained = {k: p for k, p in net.named_parameters() if k in state}
    fixture = {
        "parameters": sum(state[k].numel() for k in trained),
        "tensors": len(state),
        "state": hashlib.sha256("".join(lines).encode()).hexdigest(),
        "evaluation": {f"1/{d}": sample(f"1/{d}", y, SAMPLES) for d, y in evaluated.items() if d > 1},
    }
    if name in TRAINED:
        net.train()
        y = features(net, stages, x)[max(evaluated)]
        (y * torch.arange(y.numel(), dtype=torch.float64).cos().view_as(y)).sum().backward()
        every = max(1, len(trained) // SHOWN)
        # A bias before a batch norm has no gradient but rounding.
        fixture["gradients"] = {"trunk." + k: sample("trunk." + k, p.grad, GRADIENTS) for i, (k, p) in enumerate(trained.items())
                                if i % every == 0 and p.grad.abs().max() > 1e-9}
    print(name, fixture["parameters"], {k: v[0] for k, v in fixture["evaluation"].items()}, flush=True)
    return fixture


def main(names):
    fixtures = json.loads(TARGET.read_text()) if names and TARGET.exists() else {}
    for name in names or (*RESNETS, *OTHERS, "mobilenet_v3_large_dilated", *OWN, *TRANSFORMERS):
        fixtures[name] = run(name)
    lines = []
    for name, fixture in fixtures.items():
        fields = []
        for key, value in fixture.items():
            if isinstance(value, dict):
                value = "{\n" + ",\n".join(f"      {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n    }"
            else:
                value = json.dumps(value)
            fields.append(f"    {json.dumps(key)}: {value}")
        lines.append(f"  {json.dumps(name)}: {{\n" + ",\n".join(fields) + "\n  }")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
