using Mtlc.Compiler.Recipes;
using Mtlc.Runtime.Data.Samples;

namespace Mtlc.Runtime.Data.Augmentation;

/// <summary>A projective map of the plane, [x y 1] -> [m0 m1 m2; m3 m4 m5; m6 m7 1] [x y 1], divided by its third
/// coordinate.</summary>
readonly record struct Homography(double M0, double M1, double M2, double M3, double M4, double M5, double M6, double M7)
{
    public (double X, double Y) Map(double x, double y)
    {
        var w = M6 * x + M7 * y + 1;
        return ((M0 * x + M1 * y + M2) / w, (M3 * x + M4 * y + M5) / w);
    }

    /// <summary>From pixels of the crop to pixels of the picture, both counted from the upper left corner of the first
    /// pixel.</summary>
    public static Homography Of(Sample sample, ImageSize crop, AugmentDraw draw)
    {
        var (height, width) = (crop.Height / draw.Zoom, crop.Width / draw.Zoom);
        var centerX = Place(draw.Left, width, sample.Width);
        var centerY = Place(draw.Top, height, sample.Height);
        var (sin, cos) = Math.SinCos(draw.Tilt);
        (int X, int Y)[] signs = [(-1, -1), (1, -1), (1, 1), (-1, 1)];
        var corners = signs
            .Select(
                (sign, i) =>
                {
                    var x = width * (sign.X / 2.0 + draw.Corners[2 * i]);
                    var y = height * (sign.Y / 2.0 + draw.Corners[2 * i + 1]);
                    return (X: centerX + cos * x - sin * y, Y: centerY + sin * x + cos * y);
                }
            )
            .ToArray();
        if (draw.Flip)
            corners = [corners[1], corners[0], corners[3], corners[2]];
        return OfSquare(corners).Scaled(1.0 / crop.Width, 1.0 / crop.Height);
    }

    // The crop's centre: inside the picture as far as the crop fits into it, else so that the picture lies inside the crop.
    static double Place(float at, double window, double picture) => window / 2 + at * (picture - window);

    // From the unit square to a quadrilateral (Heckbert 1989, "Fundamentals of texture mapping", 2.2.3).
    static Homography OfSquare((double X, double Y)[] q)
    {
        var (dx1, dy1) = (q[1].X - q[2].X, q[1].Y - q[2].Y);
        var (dx2, dy2) = (q[3].X - q[2].X, q[3].Y - q[2].Y);
        var (sx, sy) = (q[0].X - q[1].X + q[2].X - q[3].X, q[0].Y - q[1].Y + q[2].Y - q[3].Y);
        var determinant = dx1 * dy2 - dx2 * dy1;
        var g = (sx * dy2 - dx2 * sy) / determinant;
        var h = (dx1 * sy - sx * dy1) / determinant;
        return new(
            q[1].X - q[0].X + g * q[1].X,
            q[3].X - q[0].X + h * q[3].X,
            q[0].X,
            q[1].Y - q[0].Y + g * q[1].Y,
            q[3].Y - q[0].Y + h * q[3].Y,
            q[0].Y,
            g,
            h
        );
    }

    Homography Scaled(double x, double y) => new(M0 * x, M1 * y, M2, M3 * x, M4 * y, M5, M6 * x, M7 * y);
}
